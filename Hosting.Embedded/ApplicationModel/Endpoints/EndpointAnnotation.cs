using System.Net.Sockets;
using LlmdAspire.Hosting.Embedded;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A port that a resource listens on.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private readonly TaskCompletionSource<AllocatedEndpoint> _allocated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int? _port;
    private int? _targetPort;
    private string? _transport;
    private bool? _tlsEnabled;

    /// <param name="protocol">TCP or UDP.</param>
    /// <param name="uriScheme">Scheme of its URL; the protocol's name by default.</param>
    /// <param name="transport"><c>http</c>, <c>http2</c> or <c>tcp</c>.</param>
    /// <param name="name">The scheme by default.</param>
    /// <param name="port">Where clients connect; allocated when null.</param>
    /// <param name="targetPort">Where the process listens; allocated when null.</param>
    /// <param name="isExternal">Meant for clients outside the application.</param>
    /// <param name="isProxied">False when clients connect to the process itself, so that both ports are one.</param>
    public EndpointAnnotation(
        ProtocolType protocol,
        string? uriScheme = null,
        string? transport = null,
        [EndpointName] string? name = null,
        int? port = null,
        int? targetPort = null,
        bool? isExternal = null,
        bool? isProxied = null)
    {
        Protocol = protocol;
#pragma warning disable CA1308 // Schemes are written in lower case.
        UriScheme = uriScheme ?? protocol.ToString().ToLowerInvariant();
#pragma warning restore CA1308
        Name = name ?? UriScheme;
        ModelName.Check("Endpoint", Name);

        _transport = transport;
        _port = port;
        _targetPort = targetPort;
        IsExternal = isExternal ?? false;
        IsExplicitlyProxied = isProxied;
    }

    public string Name { get; set; }

    public ProtocolType Protocol { get; set; }

    public string UriScheme { get; set; }

    /// <summary>Host that the process binds to.</summary>
    public string TargetHost { get; set; } = "localhost";

    public string Transport
    {
        get => _transport ?? (UriScheme is "http" or "https" ? "http" : UriSchemeOfProtocol);
        set => _transport = value;
    }

    public int? Port
    {
        get => _port ?? (IsProxied ? null : _targetPort);
        set => _port = value;
    }

    public int? TargetPort
    {
        get => _targetPort ?? (IsProxied ? null : _port);
        set => _targetPort = value;
    }

    public bool IsExternal { get; set; }

    public bool IsProxied
    {
        get => IsExplicitlyProxied ?? true;
        set => IsExplicitlyProxied = value;
    }

    public bool? IsExplicitlyProxied { get; set; }

    /// <summary>Left out when the whole resource is referenced; a reference to the endpoint itself still works.</summary>
    public bool ExcludeReferenceEndpoint { get; set; }

    public bool TlsEnabled
    {
        get => _tlsEnabled ?? UriScheme == "https";
        set => _tlsEnabled = value;
    }

    /// <summary>Where the endpoint is, once the run has given it a port; null before.</summary>
    public AllocatedEndpoint? AllocatedEndpoint
    {
        get => _allocated.Task.IsCompletedSuccessfully ? _allocated.Task.Result : null;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _allocated.TrySetResult(value);
        }
    }

    /// <summary>The port as asked for, without the rule that an unproxied endpoint has only one.</summary>
    internal int? SpecifiedPort => _port;

    internal int? SpecifiedTargetPort => _targetPort;

    /// <summary>Variable that receives the target port; such an endpoint is not part of ASPNETCORE_URLS.</summary>
    internal string? TargetPortVariable { get; set; }

    internal Task<AllocatedEndpoint> WhenAllocated => _allocated.Task;

#pragma warning disable CA1308 // Transports are written in lower case.
    private string UriSchemeOfProtocol => Protocol.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
