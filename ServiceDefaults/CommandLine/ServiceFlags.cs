namespace LlmdAspire.ServiceDefaults;

/// <summary>The flags of a service: those every service has, and those a derived class adds in its constructor.</summary>
public abstract class ServiceFlags : CommandFlags
{
    /// <param name="program">Kebab-case program name: <c>router</c>, <c>kv-indexer</c>.</param>
    /// <param name="description">What the program does, for <c>--help</c>.</param>
    /// <param name="defaultPort">Port when neither <c>--port</c> nor <c>ASPNETCORE_URLS</c> gives one.</param>
    /// <param name="portName">What the port is called where a program that is replaced has its own name for it; <c>--port</c> then works too.</param>
    /// <param name="otlpNames">What else <c>--otlp-endpoint</c> is called there.</param>
    protected ServiceFlags(string program, string description, int defaultPort, string portName = "port", params string[] otlpNames)
        : base(program, description)
    {
        Host = Define("host", "127.0.0.1", "Address to listen on; 0.0.0.0 for all of IPv4, * for all.");
        Port = DefinePort(portName, defaultPort, "Port to listen on; 0 takes a free one. Beats ASPNETCORE_URLS.", portName == "port" ? [] : ["port"]);
        LogLevel = Define("log-level", "info", "debug, info, warning, error or critical.");
        Check(LogLevel, text => LogLevels.TryParse(text, out _) ? null : "must be debug, info, warning, error or critical");
        OtlpEndpoint = Define<string?>("otlp-endpoint", null, "OTLP receiver for traces, metrics and logs; default: the OTEL_* variables.", otlpNames);
        Check(OtlpEndpoint, text => string.IsNullOrEmpty(text) || IsHttpUrl(text) ? null : "must be a URL such as http://127.0.0.1:4317");
        AdminKey = Define<string?>("admin-key", null, "Bearer key that opens admin paths to callers other than this machine.");
        DrainTimeout = DefineDuration("drain-timeout", TimeSpan.FromSeconds(30), "How long requests may finish after SIGTERM.");
        MarkCommon();
    }

    public Flag<string> Host { get; }

    public Flag<int> Port { get; }

    public Flag<string> LogLevel { get; }

    public Flag<string?> OtlpEndpoint { get; }

    public Flag<string?> AdminKey { get; }

    public Flag<TimeSpan> DrainTimeout { get; }

    private protected override string CommonTitle => "Options of every service:";

    // ASP.NET's variables say where to listen when nothing of ours does; Aspire and container platforms set them.
    private protected override void TakeImplied(Func<string, string?> environment, List<string> mistakes)
    {
        if (Port.IsGiven)
        {
            return;
        }

        var url = ListenUrl.FromEnvironment(environment, out var mistake);
        if (mistake is not null)
        {
            mistakes.Add(mistake);
        }

        if (url is null)
        {
            return;
        }

        Port.Imply(url.Port);
        if (!Host.IsGiven)
        {
            Host.Imply(url.Host);
        }
    }

    private static bool IsHttpUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);
}
