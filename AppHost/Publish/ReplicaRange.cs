namespace LlmdAspire.AppHost.Publish;

/// <summary>Between how many engines autoscaling chooses.</summary>
internal sealed record ReplicaRange(int Min, int Max);
