using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace LlmdAspire.Hosting.Embedded.Publishing.Yaml;

/// <summary>Writes objects as YAML the way real Aspire does, down to its quirks.</summary>
/// <remarks>A serializer is made for each document: <see cref="QuotedText"/> counts what it has seen.</remarks>
internal static class ChartSerializer
{
    public static string Serialize(object document) => new SerializerBuilder()
        .WithNamingConvention(CamelCaseNamingConvention.Instance)
        .WithTypeConverter(new Int32OrStringConverter())
        .WithEventEmitter(next => new QuotedText(next))
        .WithEventEmitter(next => new ShortFloats(next))
        .WithEmissionPhaseObjectGraphVisitor(visitors => new EmptyCollectionsLeftOut(visitors.InnerVisitor))
        .ConfigureDefaultValuesHandling(DefaultValuesHandling.OmitNull)
        .WithNewLine("\n")
        .WithIndentedSequences()
        .Build()
        .Serialize(document);
}
