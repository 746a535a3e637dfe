namespace LlmdAspire.Router.Policies;

/// <summary>A policy that remembers, and has to forget in time.</summary>
internal interface IForgetfulPolicy
{
    /// <summary>How often.</summary>
    TimeSpan Interval { get; }

    /// <summary>Forgets what is too old or too much, and workers that are gone. Never called twice at the same time.</summary>
    void Forget();
}
