using LlmdAspire.Protocols.Kubernetes;
using LlmdAspire.Tests.Shared;
using LlmdAspire.Tests.Shared.Kubernetes;

namespace LlmdAspire.Protocols.Tests.Kubernetes;

/// <summary>As a pod: address from the environment, token and authority from the folder.</summary>
public sealed class InClusterTests
{
    private static readonly ServiceAccount s_account = new("/nowhere");

    [Theory]
    [InlineData("10.96.0.1", "443", "https://10.96.0.1/")]
    [InlineData("fd00::1", "6443", "https://[fd00::1]:6443/")]
    [InlineData(null, "443", null)]
    [InlineData("10.96.0.1", "", null)]
    public void Address_IsInTheEnvironmentOfEveryPod(string? host, string? port, string? url) =>
        Assert.Equal(url, ApiServer.InCluster(name => name == "KUBERNETES_SERVICE_HOST" ? host : port, s_account)?.Url.ToString());

    [Fact]
    public void Token_IsNotSentWithoutTls() => Assert.Throws<ArgumentException>(() => new ApiClient(new ApiServer(new Uri("http://127.0.0.1:1"), s_account)));

    [Fact]
    public async Task Token_IsReadAnew_WhenTheKubeletReplacesIt()
    {
        await using var server = await FakeApiServer.StartAsync(tls: true);
        server.Put("a", "1");
        await using var pods = new FollowedPods(server);
        await pods.AreAsync("a=1");
        // Not while a request is on its way with the first one.
        await server.IsWatchedAsync();

        server.ChangeToken("second-token");
        server.EndWatches();
        server.Put("b", "1");

        await pods.AreAsync("a=1 b=1");
        Assert.All(pods.States, state => Assert.Null(state.Fault));
    }

    [Fact]
    public async Task ServerOfAnotherAuthority_GetsNoToken()
    {
        await using var server = await FakeApiServer.StartAsync(tls: true);
        await using var other = await FakeApiServer.StartAsync(tls: true);
        await using var pods = new FollowedPods(new ApiServer(server.Url, new ServiceAccount(other.AccountFolder)));

        await Eventually.TrueAsync(() => pods.Now?.Fault is not null);

        Assert.Contains("certificate", pods.Now!.Fault, StringComparison.Ordinal);
        Assert.Empty(server.Calls);
    }
}
