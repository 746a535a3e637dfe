using LlmdAspire.Dashboard.Sources;
using LlmdAspire.Dashboard.State;

namespace LlmdAspire.Dashboard.Why;

/// <summary>Finds out why one request went where it went: asks the picker, which decided, and the Router, which carried it out.</summary>
internal sealed class WhyReader(DashboardTargets targets, SourceClient client, PickerReader picker)
{
    public async Task<RequestWhy> ReadAsync(string requestId, StackState state, CancellationToken cancellation)
    {
        var asking = picker.DecisionAsync(requestId, cancellation);
        var (explanation, routerMissing) = await ExplainAsync(requestId, cancellation);
        var (decision, pickerMissing) = await asking;
        var row = state.Requests.FirstOrDefault(row => row.RequestId == requestId);
        return RequestWhy.Of(requestId, row, decision, explanation, EngineNames.Of(state.Engines), decision is null ? pickerMissing : null, routerMissing);
    }

    private async Task<(Explanation? Explanation, string? Missing)> ExplainAsync(string requestId, CancellationToken cancellation)
    {
        var answer = await client.GetAsync(new Uri(targets.Router, $"/explain/{Uri.EscapeDataString(requestId)}"), targets.AdminKey, cancellation);
        if (answer.Status == 404)
        {
            return (null, "The Router no longer remembers how it decided this request.");
        }

        return answer.TryReadJson(out var json, out var away)
            ? (Explanation.Read(requestId, json), null)
            : (null, $"The Router {away}.");
    }
}
