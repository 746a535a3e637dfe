using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>The real Aspire dashboard, run by the Aspire CLI as one more process.</summary>
/// <remarks>Its addresses are known at once, so that services can be pointed at it while it still starts; what they send before is sent again by their exporters or lost.</remarks>
internal sealed partial class AspireDashboard
{
    // The first start unpacks some 300 MB; on a slow disk that takes its time.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);
    private const int KeptLines = 30;

    private readonly Queue<string> _output = new();

    private AspireDashboard(AspireDashboardPorts ports)
    {
        Url = Local(ports.Frontend);
        OtlpGrpcUrl = Local(ports.OtlpGrpc);
        OtlpHttpUrl = Local(ports.OtlpHttp);
        Trouble = Task.FromResult<string?>(null);
    }

    /// <summary>The page to open.</summary>
    public Uri Url { get; }

    public Uri OtlpGrpcUrl { get; }

    public Uri OtlpHttpUrl { get; }

    /// <summary>The process; null when it could not be started.</summary>
    public IRunningProcess? Process { get; private set; }

    /// <summary>Completes with null once the page answers, or with one line that says why it never will. Does not fault.</summary>
    public Task<string?> Trouble { get; private set; }

    /// <summary>Starts it; returns at once.</summary>
    /// <param name="host">Ends it with us.</param>
    /// <param name="cli">From <see cref="AspireCli.Find"/>.</param>
    /// <param name="ports">Where it shall listen.</param>
    /// <param name="patience">How long it may take to answer; a minute when not given.</param>
    public static AspireDashboard Start(IProcessHost host, string cli, AspireDashboardPorts ports, TimeSpan? patience = null)
    {
        var dashboard = new AspireDashboard(ports);
        try
        {
            dashboard.Process = host.Start(dashboard.Launch(cli), (line, _) => dashboard.Keep(line));
            dashboard.Trouble = dashboard.WaitUntilItAnswersAsync(dashboard.Process, patience ?? s_patience);
        }
        catch (InvalidOperationException e)
        {
            dashboard.Trouble = Task.FromResult<string?>($"The stack runs without the Aspire dashboard. {e.Message}");
        }

        return dashboard;
    }

    /// <summary>What it printed last, without colours.</summary>
    public IReadOnlyList<string> LastOutput()
    {
        lock (_output)
        {
            return [.. _output];
        }
    }

    private LaunchSpec Launch(string cli) => new()
    {
        Name = "aspire-dashboard",
        FileName = cli,
        Arguments =
        [
            "dashboard", "run", "--allow-anonymous",
            "--frontend-url", Text(Url), "--otlp-grpc-url", Text(OtlpGrpcUrl), "--otlp-http-url", Text(OtlpHttpUrl),
            "--nologo", "--non-interactive",
        ],
        Environment = new Dictionary<string, string>
        {
            ["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "1",
            ["NO_COLOR"] = "1",
            // What a launch profile sets for an AppHost is inherited, and the dashboard would prefer it to what the CLI tells it:
            // its address, its receivers, and a resource service, which this mode does not have and which makes it refuse to start.
            ["ASPNETCORE_URLS"] = Text(Url),
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = Text(OtlpGrpcUrl),
            ["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = Text(OtlpHttpUrl),
            ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = "",
            ["DOTNET_RESOURCE_SERVICE_ENDPOINT_URL"] = "",
        },
        WorkingDirectory = Environment.CurrentDirectory,
    };

    private async Task<string?> WaitUntilItAnswersAsync(IRunningProcess process, TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        while (!process.Exited.IsCompleted)
        {
            if (await AnswersAsync(http, deadline.Token))
            {
                return null;
            }

            if (deadline.IsCancellationRequested)
            {
                await process.StopAsync(s_grace);
                return Complaint(string.Create(CultureInfo.InvariantCulture, $"did not answer within {patience.TotalSeconds:0} s"));
            }

            await Task.WhenAny(process.Exited, Task.Delay(s_interval));
        }

        var exitCode = await process.Exited;
        return Complaint(string.Create(CultureInfo.InvariantCulture, $"ended with exit code {exitCode} before it answered"));
    }

    private async Task<bool> AnswersAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(Url, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return answer.StatusCode < HttpStatusCode.InternalServerError;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false; // Not yet.
        }
    }

    private string Complaint(string what)
    {
        var last = string.Join(" / ", LastOutput().TakeLast(3));
        return $"The stack runs without the Aspire dashboard, which {what}.{(last.Length > 0 ? $" Its last words: {last}" : "")}";
    }

    private void Keep(string line)
    {
        var plain = EscapeSequence().Replace(line, "").Trim();
        if (plain.Length == 0)
        {
            return;
        }

        lock (_output)
        {
            _output.Enqueue(plain);
            if (_output.Count > KeptLines)
            {
                _output.Dequeue();
            }
        }
    }

    // Colours "ESC [ ... m" and links "ESC ] 8 ; ... ESC \".
    [GeneratedRegex(@"\e\[[0-9;?]*[A-Za-z]|\e\].*?(\e\\|\a)")]
    private static partial Regex EscapeSequence();

    private static Uri Local(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}"));

    private static string Text(Uri url) => url.GetLeftPart(UriPartial.Authority);
}

/// <summary>Where the dashboard listens.</summary>
internal sealed record AspireDashboardPorts(int Frontend, int OtlpGrpc, int OtlpHttp)
{
    /// <summary>Ports that are free now; given ones are kept.</summary>
    public static AspireDashboardPorts Free(int? frontend = null, int? otlpGrpc = null, int? otlpHttp = null)
    {
        // All three are held until all are chosen, so that none is handed out twice.
        using TcpListener first = new(IPAddress.Loopback, 0), second = new(IPAddress.Loopback, 0), third = new(IPAddress.Loopback, 0);
        return new(frontend ?? Port(first), otlpGrpc ?? Port(second), otlpHttp ?? Port(third));
    }

    private static int Port(TcpListener listener)
    {
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
