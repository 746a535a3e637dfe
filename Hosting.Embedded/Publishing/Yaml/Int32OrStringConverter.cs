using Aspire.Hosting.Kubernetes.Resources;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace LlmdAspire.Hosting.Embedded.Publishing.Yaml;

/// <summary>Writes a number or a text as what it is.</summary>
internal sealed class Int32OrStringConverter : IYamlTypeConverter
{
    public bool Accepts(Type type) => type == typeof(Int32OrStringV1);

    public object ReadYaml(IParser parser, Type type, ObjectDeserializer rootDeserializer) => throw new NotSupportedException("Charts are only written.");

    public void WriteYaml(IEmitter emitter, object? value, Type type, ObjectSerializer serializer)
    {
        var either = (Int32OrStringV1)value!;
        serializer(either.Number is { } number ? number : either.Text ?? "");
    }
}
