namespace LlmdAspire.Tests.Shared.Kubernetes;

/// <summary>Kubernetes' own command line: a client that shares no code with ours.</summary>
public static class Kubectl
{
    /// <summary>Why a test that needs it must be skipped, or null when it is installed.</summary>
    public static string? Missing { get; } = Tool.Missing("kubectl", "Debian package kubernetes-client");

    /// <summary>Starts it against a server, with nothing of the user's own configuration.</summary>
    public static ChildProgram Start(FakeApiServer server, string home, params IEnumerable<string> args) => ChildProgram.Start(
        "kubectl",
        ["--server", server.Url.ToString(), "--certificate-authority", Path.Combine(server.AccountFolder, "ca.crt"), "--token", server.Token!, "--cache-dir", home, .. args],
        new Dictionary<string, string> { ["HOME"] = home, ["KUBECONFIG"] = Path.Combine(home, "none") });
}
