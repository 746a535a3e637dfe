namespace Aspire.Hosting.ApplicationModel;

/// <summary>The project that runs in place of an engine's container; it is the engine to everything that refers to it.</summary>
/// <remarks>Name and annotations are the engine's own, so references, endpoints, waits and health checks made on either are the same.</remarks>
internal sealed class SimulatedVllmResource(VllmResource engine) : ProjectResource(engine.Name)
{
    public override ResourceAnnotationCollection Annotations => engine.Annotations;
}
