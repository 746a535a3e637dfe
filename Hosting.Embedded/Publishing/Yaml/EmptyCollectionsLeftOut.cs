using System.Collections;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.ObjectGraphVisitors;

namespace LlmdAspire.Hosting.Embedded.Publishing.Yaml;

/// <summary>Leaves out properties that are empty lists or mappings. Entries of a dictionary are not properties and stay.</summary>
internal sealed class EmptyCollectionsLeftOut(IObjectGraphVisitor<IEmitter> next) : ChainedObjectGraphVisitor(next)
{
    public override bool EnterMapping(IPropertyDescriptor key, IObjectDescriptor value, IEmitter context, ObjectSerializer serializer)
        => value.Value is not null && !IsEmpty(value.Value) && base.EnterMapping(key, value, context, serializer);

    // A text is a sequence of characters, so an empty one is left out as well.
    private static bool IsEmpty(object value) => value is IEnumerable items && !items.Cast<object?>().Any();
}
