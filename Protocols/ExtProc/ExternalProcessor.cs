using LlmdAspire.Protocols.Grpc;

namespace LlmdAspire.Protocols.ExtProc;

/// <summary>Envoy's external processing service, one stream per HTTP exchange.</summary>
public static class ExternalProcessor
{
    public const string Service = "envoy.service.ext_proc.v3.ExternalProcessor";

    public static readonly GrpcMethod<ProcessingRequest, ProcessingResponse> Process =
        new(Service, "Process", ProcessingRequestCodec.Instance, ProcessingResponseCodec.Instance);
}
