using LlmdAspire.Dashboard.State;

namespace LlmdAspire.Dashboard.Live;

/// <summary>A state with the parts of the page that show it, rendered once for all who watch.</summary>
/// <param name="Parts">HTML by the name of the part.</param>
internal sealed record WatchedState(StackState State, IReadOnlyDictionary<string, string> Parts);
