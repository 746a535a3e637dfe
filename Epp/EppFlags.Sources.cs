using System.Globalization;
using System.Text.RegularExpressions;
using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Epp.Kubernetes;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Epp;

/// <summary>Where endpoints come from: exactly one of four sources.</summary>
internal sealed partial class EppFlags
{
    public Flag<string?> PoolName { get; }

    public Flag<string?> PoolNamespace { get; }

    public Flag<string> PoolGroup { get; }

    public Flag<string?> EndpointSelector { get; }

    public Flag<string[]> EndpointTargetPorts { get; }

    public Flag<Uri?> ApiServer { get; }

    public Flag<string> ServiceAccountFolder { get; }

    public Flag<string[]> Endpoints { get; }

    public Flag<string?> EndpointsFile { get; }

    /// <summary>What is to be watched in a cluster; null where endpoints are named in another way.</summary>
    public ClusterSource? Cluster
    {
        get
        {
            var @namespace = PoolNamespace.Value ?? (Environment.GetEnvironmentVariable("NAMESPACE") is { Length: > 0 } given ? given : "default");
            return PoolName.IsGiven || EndpointSelector.IsGiven
                ? new ClusterSource(@namespace, PoolName, PoolGroup, PoolName.IsGiven ? null : PodChoice.Of(ReadSelector([]), ReadTargetPorts([])))
                : null;
        }
    }

    /// <summary>The endpoints of <c>--endpoints</c>; what is wrong is added to the mistakes.</summary>
    public List<EndpointDeclaration> DeclaredEndpoints(ICollection<string> mistakes)
    {
        var endpoints = new List<EndpointDeclaration>();
        foreach (var text in Endpoints.Value.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            if (EndpointText.Read(text, endpoints) is { } mistake)
            {
                mistakes.Add($"--endpoints: '{text}' {mistake}.");
            }
        }

        foreach (var twice in endpoints.GroupBy(endpoint => endpoint.Id).Where(group => group.Count() > 1))
        {
            mistakes.Add($"--endpoints: '{twice.Key}' is given {twice.Count()} times; give each endpoint once.");
        }

        return endpoints;
    }

    private IEnumerable<string> FindSourceMistakes()
    {
        var given = ((Flag[])[PoolName, EndpointSelector, Endpoints, EndpointsFile]).Where(source => source.IsGiven).Select(source => $"--{source.Name}").ToList();
        if (given.Count == 0)
        {
            yield return "no endpoints are named; give --pool-name or --endpoint-selector in a cluster, else --endpoints or --endpoints-file (a file that holds [] for none).";
        }
        else if (given.Count > 1)
        {
            yield return $"{string.Join(" and ", given)} exclude each other; give one of them.";
        }

        if (EndpointSelector.IsGiven && !EndpointTargetPorts.IsGiven)
        {
            yield return "--endpoint-selector says which pods, not which of their ports; add --endpoint-target-ports.";
        }

        if (!EndpointSelector.IsGiven && EndpointTargetPorts.IsGiven)
        {
            yield return PoolName.IsGiven ? "--endpoint-target-ports is not for pools, which have their own; remove it." : "--endpoint-target-ports needs --endpoint-selector.";
        }

        if (PoolGroup.IsGiven && !PoolName.IsGiven)
        {
            yield return "--pool-group needs --pool-name.";
        }

        foreach (var flag in ((Flag[])[PoolNamespace, ApiServer, ServiceAccountFolder]).Where(flag => flag.IsGiven && !PoolName.IsGiven && !EndpointSelector.IsGiven))
        {
            yield return $"--{flag.Name} needs --pool-name or --endpoint-selector.";
        }

        var mistakes = new List<string>();
        _ = ReadSelector(mistakes);
        _ = ReadTargetPorts(mistakes);
        _ = DeclaredEndpoints(mistakes);
        foreach (var mistake in mistakes)
        {
            yield return mistake;
        }
    }

    private List<KeyValuePair<string, string>> ReadSelector(List<string> mistakes)
    {
        var labels = new List<KeyValuePair<string, string>>();
        foreach (var pair in EndpointSelector.IsGiven ? EndpointSelector.Value!.Split(',') : [])
        {
            var match = LabelPair().Match(pair);
            if (match.Success)
            {
                labels.Add(new(match.Groups["name"].Value, match.Groups["value"].Value));
            }
            else
            {
                mistakes.Add($"--endpoint-selector has '{pair}'; write label=value, separated by commas.");
            }
        }

        return labels;
    }

    private List<int> ReadTargetPorts(List<string> mistakes)
    {
        var ports = new List<int>();
        foreach (var text in EndpointTargetPorts.Value.SelectMany(value => value.Split(',')))
        {
            if (int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535)
            {
                ports.Add(port);
            }
            else
            {
                mistakes.Add($"--endpoint-target-ports has '{text}'; write ports from 1 to 65535, separated by commas.");
            }
        }

        if (ports.Count > PodChoice.MaxPorts)
        {
            mistakes.Add($"--endpoint-target-ports names {ports.Count} ports; a pod has at most {PodChoice.MaxPorts}.");
        }

        if (ports.Distinct().Count() < ports.Count)
        {
            mistakes.Add("--endpoint-target-ports names a port twice; give each once.");
        }

        return ports;
    }

    private Flag<string?> DefineName(string name, string help)
    {
        var flag = Define<string?>(name, null, help);
        Check(flag, value => value is { Length: <= 253 } && ObjectName().IsMatch(value) ? null : "must be a name as Kubernetes has it: small letters, digits and dashes");
        return flag;
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    private static partial Regex ObjectName();

    [GeneratedRegex(@"^\s*(?<name>([A-Za-z0-9][-A-Za-z0-9.]*/)?[A-Za-z0-9][-A-Za-z0-9_.]*)\s*==?\s*(?<value>([A-Za-z0-9][-A-Za-z0-9_.]*)?)\s*$")]
    private static partial Regex LabelPair();
}
