using System.Globalization;

namespace LlmdAspire.Tests.Shared.Telemetry;

/// <summary>A span as a receiver sees it.</summary>
/// <param name="Service">Resource attribute <c>service.name</c>.</param>
/// <param name="Source">Instrumentation scope: the name of the activity source.</param>
/// <param name="ParentId">Empty for a root.</param>
/// <param name="IsError">Whether the status says error.</param>
public sealed record OtlpSpan(
    string Service, string Source, string TraceId, string SpanId, string ParentId, string Name, int Kind, bool IsError, IReadOnlyDictionary<string, string> Attributes);

/// <summary>A metric as a receiver sees it.</summary>
public sealed record OtlpMetric(string Service, string Meter, string Name);

/// <summary>A log record as a receiver sees it.</summary>
public sealed record OtlpLog(string Service, string Category, string Text, string TraceId);

/// <summary>Reads as much of OTLP's export requests as tests ask about.</summary>
internal static class OtlpDecoder
{
    public static IEnumerable<OtlpSpan> Spans(ReadOnlyMemory<byte> request) =>
        Items(request, (service, scope, span) => new OtlpSpan(
            service,
            scope,
            TraceId: One(span, 1).Hex,
            SpanId: One(span, 2).Hex,
            ParentId: One(span, 4).Hex,
            Name: One(span, 5).Text,
            Kind: (int)One(span, 6).Number,
            IsError: One(One(span, 15), 3).Number == 2,
            Attributes(span, 9)));

    public static IEnumerable<OtlpMetric> Metrics(ReadOnlyMemory<byte> request) =>
        Items(request, (service, scope, metric) => new OtlpMetric(service, scope, One(metric, 1).Text));

    public static IEnumerable<OtlpLog> Logs(ReadOnlyMemory<byte> request) =>
        Items(request, (service, scope, log) => new OtlpLog(service, scope, Value(One(log, 5)), One(log, 9).Hex));

    // All three signals nest alike: 1 resource group { 1 resource, 2 scope group { 1 scope { 1 name }, 2 item } }.
    private static IEnumerable<T> Items<T>(ReadOnlyMemory<byte> request, Func<string, string, ProtobufField, T> read) =>
        from resource in ProtobufField.Read(request).Where(field => field.Id == 1)
        let service = Attributes(One(resource, 1), 1).GetValueOrDefault("service.name", "")
        from scope in resource.Fields.Where(field => field.Id == 2)
        let scopeName = One(One(scope, 1), 1).Text
        from item in scope.Fields.Where(field => field.Id == 2)
        select read(service, scopeName, item);

    private static Dictionary<string, string> Attributes(ProtobufField message, int id) =>
        message.Fields.Where(field => field.Id == id).ToDictionary(pair => One(pair, 1).Text, pair => Value(One(pair, 2)));

    private static string Value(ProtobufField any) => any.Fields.FirstOrDefault() switch
    {
        { Id: 1 } text => text.Text,
        { Id: 2 } flag => flag.Number != 0 ? "true" : "false",
        { Id: 3 } whole => ((long)whole.Number).ToString(CultureInfo.InvariantCulture),
        { Id: 4 } number => BitConverter.UInt64BitsToDouble(number.Number).ToString(CultureInfo.InvariantCulture),
        _ => "",
    };

    private static ProtobufField One(ProtobufField message, int id) => message.Fields.FirstOrDefault(field => field.Id == id);
}
