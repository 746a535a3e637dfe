namespace LlmdAspire.Protocols.ExtProc;

/// <summary>envoy.service.ext_proc.v3.ProcessingResponse: what the processor answers to one part of an HTTP exchange.</summary>
/// <remarks>The members of the oneof and their common part are flattened: what does not belong to <see cref="Step"/> is ignored when written.</remarks>
public sealed class ProcessingResponse
{
    public ProcessingStep Step { get; init; }

    /// <summary>The body mutation replaces the whole body and nothing more is sent for this direction (CONTINUE_AND_REPLACE).</summary>
    public bool ReplacesMessage { get; init; }

    /// <summary>Headers, or trailers when the step is one of trailers; null changes none.</summary>
    public HeaderMutation? Headers { get; init; }

    public BodyMutation Body { get; init; }

    /// <summary>The route is looked up again, as it depends on headers that changed.</summary>
    public bool ClearsRouteCache { get; init; }

    /// <summary>Only with <see cref="ProcessingStep.ImmediateResponse"/>.</summary>
    public ImmediateResponse? Immediate { get; init; }

    /// <summary>Metadata for the filters behind, a struct per namespace; null for none.</summary>
    public StructValue? DynamicMetadata { get; init; }

    /// <summary>Changes what is sent for the rest of this exchange; honoured only where Envoy is configured to allow it.</summary>
    public ProcessingMode? ModeOverride { get; init; }

    /// <summary>Asks Envoy for more time; it ignores everything else in such a message.</summary>
    public TimeSpan? OverrideMessageTimeout { get; init; }
}
