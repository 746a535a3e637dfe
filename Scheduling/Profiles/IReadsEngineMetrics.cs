namespace LlmdAspire.Scheduling.Profiles;

/// <summary>Marks a plugin that reads <see cref="Endpoints.EngineEndpoint.Load"/>; without any, engines are asked only whether they live.</summary>
public interface IReadsEngineMetrics;
