using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>Follows every reference from object to object; what leads nowhere is an error.</summary>
internal sealed class ReferenceWalk(IReadOnlyList<RenderedObject> objects, IReadOnlyCollection<string> external)
{
    // What the controller of LeaderWorkerSets tells each container.
    private static readonly string[] s_ofGroups = ["LWS_LEADER_ADDRESS", "LWS_GROUP_SIZE", "LWS_WORKER_INDEX"];

    private readonly List<string> _errors = [];

    /// <summary>What leads nowhere.</summary>
    /// <param name="objects">The objects of a chart.</param>
    /// <param name="external">What the user makes beside the chart, such as <c>Secret llm-d-hf-token</c>.</param>
    public static IReadOnlyList<string> Errors(IReadOnlyList<RenderedObject> objects, params IReadOnlyCollection<string> external)
    {
        var walk = new ReferenceWalk(objects, external);
        foreach (var visited in objects)
        {
            walk.Visit(visited);
        }

        return [.. walk._errors, .. objects.GroupBy(found => (found.Kind, found.Name)).Where(same => same.Count() > 1).Select(same => $"{same.First()} is there twice")];
    }

    private void Visit(RenderedObject visited)
    {
        foreach (var pod in visited.Pods)
        {
            VisitPod(visited, pod);
        }

        switch (visited.Kind)
        {
            case "Deployment" or "StatefulSet":
                Require(Matches(visited.Root.TextEntries("spec", "selector", "matchLabels"), visited.Pod!.TextEntries("metadata", "labels")), visited, "selects other pods than it makes");
                break;
            case "Service":
                VisitService(visited);
                break;
            case "InferencePool":
                VisitPool(visited);
                break;
            case "HTTPRoute":
                VisitRoute(visited);
                break;
            case "Gateway" when visited.Root.At("spec", "infrastructure", "parametersRef") is { } parameters:
                RequireObject(parameters.Text("kind")!, parameters.Text("name")!, visited);
                break;
            case "RoleBinding" or "ClusterRoleBinding":
                RequireObject(visited.Root.Text("roleRef", "kind")!, visited.Root.Text("roleRef", "name")!, visited);
                foreach (var subject in visited.Root.Items("subjects"))
                {
                    RequireObject(subject.Text("kind")!, subject.Text("name")!, visited);
                }

                break;
            case "PodDisruptionBudget":
                Require(Pods(visited.Root.TextEntries("spec", "selector", "matchLabels")).Any(), visited, "protects no pods");
                break;
            case "NetworkPolicy":
                Require(Pods(visited.Root.TextEntries("spec", "podSelector", "matchLabels")).Any(), visited, "protects no pods");
                break;
            case "PodMonitor":
                VisitPodMonitor(visited);
                break;
            case "ServiceMonitor":
                VisitServiceMonitor(visited);
                break;
            case "HealthCheckPolicy" or "GCPBackendPolicy":
                RequireGrouped(visited.Root.At("spec", "targetRef")!, visited);
                break;
            case "InferenceObjective":
                RequireGrouped(visited.Root.At("spec", "poolRef")!, visited);
                break;
            case "HorizontalPodAutoscaler" or "ScaledObject":
                VisitScaler(visited);
                break;
            case "PrometheusRule":
                foreach (var rule in visited.Root.Items("spec", "groups").SelectMany(group => group.Items("rules")))
                {
                    VisitQuery(visited, rule.Text("expr")!);
                }

                break;
            case "EnvoyFilter":
                var gateway = visited.Root.Text("spec", "workloadSelector", "labels", "gateway.networking.k8s.io/gateway-name");
                RequireNamed("Gateway", gateway, visited);
                foreach (var cluster in visited.Root.Items("spec", "configPatches").Select(patch => patch.Text("patch", "value", "typed_config", "grpc_service", "envoy_grpc", "cluster_name")).OfType<string>())
                {
                    // outbound|PORT|SUBSET|HOST, as Istio names its clusters.
                    var parts = cluster.Split('|');
                    RequireServicePort(parts[3].Split('.')[0], parts[1], visited);
                }

                break;
            case "DestinationRule":
                RequireObject("Service", visited.Root.Text("spec", "host")!.Split('.')[0], visited);
                break;
        }
    }

    private void VisitPod(RenderedObject visited, RenderedPod pod)
    {
        var spec = pod.Template.At("spec")!;
        if (spec.Text("serviceAccountName") is { } account)
        {
            RequireObject("ServiceAccount", account, visited);
        }

        var volumes = spec.Items("volumes").ToDictionary(volume => volume.Text("name")!);
        foreach (var volume in volumes.Values)
        {
            RequireNamed("ConfigMap", volume.Text("configMap", "name"), visited);
            RequireNamed("Secret", volume.Text("secret", "secretName"), visited);
            RequireNamed("PersistentVolumeClaim", volume.Text("persistentVolumeClaim", "claimName"), visited);
        }

        foreach (var container in pod.Containers)
        {
            VisitContainer(visited, container, volumes);
        }
    }

    private void VisitContainer(RenderedObject visited, YamlNode container, Dictionary<string, YamlNode> volumes)
    {
        var name = container.Text("name");
        foreach (var source in container.Items("envFrom"))
        {
            RequireNamed("ConfigMap", source.Text("configMapRef", "name"), visited);
            RequireNamed("Secret", source.Text("secretRef", "name"), visited);
        }

        foreach (var variable in container.Items("env"))
        {
            RequireNamed("Secret", variable.Text("valueFrom", "secretKeyRef", "name"), visited);
        }

        foreach (var mount in container.Items("volumeMounts"))
        {
            Require(volumes.ContainsKey(mount.Text("name")!), visited, $"container {name} mounts a volume {mount.Text("name")} that the pod does not have");
        }

        // A variable in an argument that is not set stays as it is written.
        var variables = container.Items("env").Select(variable => variable.Text("name")).Concat(visited.Kind == "LeaderWorkerSet" ? s_ofGroups : []).ToHashSet();
        foreach (var argument in container.Texts("args"))
        {
            foreach (Match used in Regex.Matches(argument, @"\$\((\w+)\)"))
            {
                Require(variables.Contains(used.Groups[1].Value), visited, $"container {name} names the variable {used.Groups[1].Value} that it does not have");
            }
        }

        foreach (var probe in new[] { "livenessProbe", "readinessProbe", "startupProbe" })
        {
            foreach (var port in new[] { container.Text(probe, "httpGet", "port"), container.Text(probe, "grpc", "port") }.OfType<string>())
            {
                Require(HasPort(container, port), visited, $"{probe} of container {name} asks port {port}, which it does not have");
            }
        }

        var portNames = container.Items("ports").Select(port => port.Text("name")).ToList();
        Require(portNames.Distinct().Count() == portNames.Count, visited, $"container {name} has two ports of one name");
        Require(portNames.TrueForAll(port => port is { Length: <= 15 }), visited, $"container {name} has a port name of more than 15 characters");
    }

    private void VisitService(RenderedObject visited)
    {
        var pods = Pods(visited.Root.TextEntries("spec", "selector")).ToList();
        Require(pods.Count > 0, visited, "selects no pods");
        foreach (var port in visited.Root.Items("spec", "ports"))
        {
            var target = port.Text("targetPort") ?? port.Text("port")!;
            Require(pods.TrueForAll(pod => pod.Containers.Any(container => HasPort(container, target))), visited, $"sends to port {target}, which its pods do not have");
        }
    }

    private void VisitPool(RenderedObject visited)
    {
        var spec = visited.Root.At("spec")!;
        var isAlpha = spec.At("targetPortNumber") is not null;
        var pods = Pods(isAlpha ? spec.TextEntries("selector") : spec.TextEntries("selector", "matchLabels")).ToList();
        Require(pods.Count > 0, visited, "selects no pods");
        foreach (var port in isAlpha ? [spec.Text("targetPortNumber")!] : spec.Items("targetPorts").Select(port => port.Text("number")!))
        {
            Require(pods.TrueForAll(pod => pod.Containers.Any(container => HasPort(container, port))), visited, $"sends to port {port}, which its pods do not have");
        }

        RequireServicePort(
            (spec.Text("extensionRef", "name") ?? spec.Text("endpointPickerRef", "name"))!,
            (spec.Text("extensionRef", "portNumber") ?? spec.Text("endpointPickerRef", "port", "number"))!,
            visited);
    }

    private void VisitRoute(RenderedObject visited)
    {
        foreach (var parent in visited.Root.Items("spec", "parentRefs"))
        {
            RequireObject("Gateway", parent.Text("name")!, visited);
        }

        foreach (var backend in visited.Root.Items("spec", "rules").SelectMany(rule => rule.Items("backendRefs")))
        {
            var kind = backend.Text("kind") ?? "Service";
            if (kind == "Service")
            {
                RequireServicePort(backend.Text("name")!, backend.Text("port")!, visited);
            }
            else
            {
                RequireGrouped(backend, visited);
            }
        }
    }

    private void VisitScaler(RenderedObject visited)
    {
        var target = visited.Root.At("spec", "scaleTargetRef")!;
        var scaled = objects.FirstOrDefault(found => (found.ApiVersion, found.Kind, found.Name) == (target.Text("apiVersion"), target.Text("kind"), target.Text("name")));
        Require(scaled is not null, visited, $"scales {target.Text("kind")} {target.Text("name")}, which is not there");
        Require(scaled?.Root.At("spec", "replicas") is null, visited, $"scales {scaled}, which says its number itself");
        foreach (var query in visited.Root.Items("spec", "triggers").Select(trigger => trigger.Text("metadata", "query")!))
        {
            VisitQuery(visited, query);
        }
    }

    // The job of a PodMonitor is its namespace and name, that of a ServiceMonitor the Service.
    private void VisitQuery(RenderedObject visited, string query)
    {
        var jobs = Regex.Matches(query, "job=\"([^\"]+)\"").Select(match => match.Groups[1].Value).ToList();
        foreach (var job in jobs)
        {
            RequireObject(job.Contains('/', StringComparison.Ordinal) ? "PodMonitor" : "ServiceMonitor", job.Split('/')[^1], visited);
        }

        foreach (Match pods in Regex.Matches(query, "pod=~\"([^\"]+)-\\.\\+\""))
        {
            Require(objects.Any(found => found.Kind is "Deployment" or "LeaderWorkerSet" && found.Name == pods.Groups[1].Value), visited, $"asks for pods of {pods.Groups[1].Value}, which is not there");
        }

        Require(jobs.Count > 0, visited, $"asks for whatever there is in the cluster: {query}");
    }

    private void RequireGrouped(YamlNode reference, RenderedObject by)
    {
        var (group, kind, name) = (reference.Text("group"), reference.Text("kind")!, reference.Text("name")!);
        Require(objects.Any(found => found.ApiVersion.Split('/')[0] == group && found.Kind == kind && found.Name == name), by, $"refers to {kind} {name} of {group}, which is not there");
    }

    private void VisitPodMonitor(RenderedObject visited)
    {
        var pods = Pods(visited.Root.TextEntries("spec", "selector", "matchLabels")).ToList();
        Require(pods.Count > 0, visited, "watches no pods");
        foreach (var port in visited.Root.Items("spec", "podMetricsEndpoints").Select(endpoint => endpoint.Text("port")!))
        {
            Require(pods.TrueForAll(pod => pod.Containers.Any(container => HasPort(container, port))), visited, $"scrapes port {port}, which its pods do not have");
        }
    }

    private void VisitServiceMonitor(RenderedObject visited)
    {
        var selector = visited.Root.TextEntries("spec", "selector", "matchLabels");
        var services = objects.Where(found => found.Kind == "Service" && Matches(selector, found.Labels)).ToList();
        Require(services.Count > 0, visited, "watches no Services");
        foreach (var port in visited.Root.Items("spec", "endpoints").Select(endpoint => endpoint.Text("port")))
        {
            Require(services.TrueForAll(service => service.Root.Items("spec", "ports").Any(candidate => candidate.Text("name") == port)), visited, $"scrapes port {port}, which the Services do not have");
        }
    }

    private void RequireServicePort(string service, string port, RenderedObject by)
    {
        var found = objects.FirstOrDefault(candidate => candidate.Kind == "Service" && candidate.Name == service);
        Require(found is not null, by, $"refers to Service {service}, which is not there");
        Require(found is null || found.Root.Items("spec", "ports").Any(candidate => candidate.Text("port") == port), by, $"refers to port {port} of Service {service}, which it does not have");
    }

    private void RequireNamed(string kind, string? name, RenderedObject by)
    {
        if (name is not null)
        {
            RequireObject(kind, name, by);
        }
    }

    private void RequireObject(string kind, string name, RenderedObject by) =>
        Require(external.Contains($"{kind} {name}") || objects.Any(found => found.Kind == kind && found.Name == name), by, $"refers to {kind} {name}, which is not there");

    private void Require(bool isTrue, RenderedObject visited, string otherwise)
    {
        if (!isTrue)
        {
            _errors.Add($"{visited} {otherwise}");
        }
    }

    private IEnumerable<RenderedPod> Pods(Dictionary<string, string> selector) =>
        objects.Where(found => found.Kind != "Job" && selector.Count > 0).SelectMany(found => found.Pods).Where(pod => Matches(selector, pod.Labels));

    public static bool Matches(Dictionary<string, string> selector, Dictionary<string, string> labels) =>
        selector.All(wanted => labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value);

    private static bool HasPort(YamlNode container, string port) =>
        container.Items("ports").Any(candidate => candidate.Text("containerPort") == port || candidate.Text("name") == port);
}
