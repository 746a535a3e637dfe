namespace LlmdAspire.Scheduling.Profiles;

/// <summary>A scorer in a profile.</summary>
/// <param name="Name">Its name in the configuration.</param>
public sealed record WeightedScorer(string Name, IScorer Scorer, double Weight = 1);
