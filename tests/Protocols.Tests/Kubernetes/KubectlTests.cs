using LlmdAspire.Tests.Shared;
using LlmdAspire.Tests.Shared.Kubernetes;

namespace LlmdAspire.Protocols.Tests.Kubernetes;

/// <summary>The fake API server speaks what Kubernetes' own client understands, so what passes against it is worth something.</summary>
public sealed class KubectlTests
{
    [Fact]
    public async Task Kubectl_ListsAndWatches()
    {
        Assert.SkipWhen(Kubectl.Missing is not null, Kubectl.Missing ?? "");
        var home = Directory.CreateTempSubdirectory("llmd-kubectl-");
        try
        {
            await using var server = await FakeApiServer.StartAsync(tls: true);
            server.Put("a", "1");
            server.Put("other", "1", app: "y");
            server.Cluster.Put(ClusterKind.InferencePool, "n", "pool", ClusterObjects.InferencePool(new Dictionary<string, string> { ["app"] = "x" }, 8000));

            await using var pools = Kubectl.Start(server, home.FullName, "get", "inferencepools", "-n", "n", "-o", "jsonpath={.items[*].spec.targetPorts[0].number}{'\\n'}");
            Assert.Equal("8000", await pools.WaitForLineAsync("8000"));

            await using var pods = Kubectl.Start(server, home.FullName, "get", "pods", "-n", "n", "-l", "app=x", "-w", "--output-watch-events");
            _ = await pods.WaitForLineAsync(" a ");
            await server.IsWatchedAsync();
            server.Put("b", "1");
            server.Bookmark();
            _ = await pods.WaitForLineAsync(" b ");
            server.Delete("a");
            _ = await pods.WaitForLineAsync("DELETED");

            // Under a line of titles.
            Assert.Equal(["ADDED a", "ADDED b", "DELETED a"], pods.Output.Skip(1).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2])));
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }
}
