namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>How the kubelet asks a container whether it is well.</summary>
public sealed class ProbeV1
{
    public GrpcActionV1? Grpc { get; set; }

    public int? FailureThreshold { get; set; }

    public int? SuccessThreshold { get; set; }

    public int? InitialDelaySeconds { get; set; }

    public int? PeriodSeconds { get; set; }

    public int? TimeoutSeconds { get; set; }

    public HttpGetActionV1? HttpGet { get; set; }
}

public sealed class HttpGetActionV1
{
    public string Scheme { get; set; } = null!;

    public string Path { get; set; } = null!;

    public Int32OrStringV1? Port { get; set; }
}

/// <summary>The gRPC health service.</summary>
public sealed class GrpcActionV1
{
    public string Service { get; set; } = null!;

    public int Port { get; set; }
}
