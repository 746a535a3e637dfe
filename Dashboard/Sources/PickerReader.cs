using System.Globalization;
using System.Text;
using LlmdAspire.Dashboard.State;

namespace LlmdAspire.Dashboard.Sources;

/// <summary>Reads the endpoint picker: whether it is there, whom it may choose and why it chose. One look at a time.</summary>
internal sealed class PickerReader(DashboardTargets targets, SourceClient client)
{
    // Servers refuse a request line of more than 8 KiB.
    private const int MaxQueryLength = 4096;

    private IReadOnlyList<PickerEndpoint> _endpoints = [];
    private Dictionary<string, PickerDecision?> _decisions = [];

    /// <summary>Looks once; null when there is no picker to look at.</summary>
    /// <remarks>While it is away, its engines are those it named last.</remarks>
    public async Task<SourceState?> ReadAsync(CancellationToken cancellation)
    {
        if (targets.EppMetrics is not { } url)
        {
            return null;
        }

        var answer = await GetAsync("/debug/endpoints", cancellation);
        if (answer.TryReadJson(out var json, out var away))
        {
            _endpoints = PickerEndpoint.ReadList(json);
            return SourceState.Up(SourceState.Picker, url, new Dictionary<string, string> { ["engines"] = _endpoints.Count.ToString(CultureInfo.InvariantCulture) });
        }

        // A picker of another make answers too, only not to this.
        return answer.Status is null
            ? SourceState.Away(SourceState.Picker, url, away)
            : SourceState.Up(SourceState.Picker, url, detail: $"{away}, so its reasons are unknown");
    }

    /// <summary>Whom it may choose, as it said last.</summary>
    public IReadOnlyList<PickerEndpoint> Endpoints => _endpoints;

    /// <summary>Its decisions about these requests, as far as it remembers; asks only for those it was not asked for before.</summary>
    public async Task<IReadOnlyDictionary<string, PickerDecision?>> DecisionsAsync(IReadOnlyList<RequestRow> rows, CancellationToken cancellation)
    {
        if (targets.EppMetrics is null)
        {
            return _decisions;
        }

        var kept = rows.Where(row => _decisions.ContainsKey(row.RequestId)).ToDictionary(row => row.RequestId, row => _decisions[row.RequestId]);
        var asked = rows.Select(row => row.RequestId).Where(id => !kept.ContainsKey(id)).ToList();
        _decisions = kept;
        if (asked.Count > 0)
        {
            await AskAsync(asked, cancellation);
        }

        return _decisions;
    }

    /// <summary>The latest decision about a request, or why it is not known; neither when there is no picker to ask.</summary>
    public async Task<(PickerDecision? Decision, string? Missing)> DecisionAsync(string requestId, CancellationToken cancellation)
    {
        if (targets.EppMetrics is null)
        {
            return (null, null);
        }

        var answer = await GetAsync("/debug/decisions?limit=1&request_id=" + Uri.EscapeDataString(requestId), cancellation);
        if (!answer.TryReadJson(out var json, out var away))
        {
            return (null, $"The picker {away}, so its reasons are unknown.");
        }

        return PickerDecision.ReadList(json).FirstOrDefault(decision => decision.RequestId == requestId) is { } found
            ? (found, null)
            : (null, "The picker has no decision for this request.");
    }

    private async Task AskAsync(List<string> ids, CancellationToken cancellation)
    {
        var query = new StringBuilder("/debug/decisions?limit=").Append(CultureInfo.InvariantCulture, $"{RequestRow.MaxCount}");
        var named = new List<string>(ids.Count);
        foreach (var id in ids)
        {
            var next = "&request_id=" + Uri.EscapeDataString(id);
            // Those that do not fit are asked for at the next look.
            if (query.Length + next.Length <= MaxQueryLength)
            {
                query.Append(next);
                named.Add(id);
            }
        }

        if (named.Count == 0 || !(await GetAsync(query.ToString(), cancellation)).TryReadJson(out var json, out _))
        {
            return;
        }

        foreach (var id in named)
        {
            _decisions[id] = null;
        }

        // Newest first, so that a decision that was taken again is the one that counts.
        foreach (var decision in PickerDecision.ReadList(json).Reverse().Where(decision => _decisions.ContainsKey(decision.RequestId)))
        {
            _decisions[decision.RequestId] = decision;
        }
    }

    private Task<SourceAnswer> GetAsync(string path, CancellationToken cancellation) =>
        client.GetAsync(new Uri(targets.EppMetrics!, path), targets.AdminKey, cancellation);
}
