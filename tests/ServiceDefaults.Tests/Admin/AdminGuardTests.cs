using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using LlmdAspire.ServiceDefaults.Admin;
using LlmdAspire.ServiceDefaults.Tests.Tiny;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LlmdAspire.ServiceDefaults.Tests.Admin;

public sealed class AdminGuardTests
{
    [Theory]
    [InlineData("127.0.0.1", "localhost:30000", null, true)]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1:30000", null, true)]
    [InlineData("::1", "[::1]:30000", "http://localhost:18080", true)]
    [InlineData("127.0.0.1", "evil.example", null, false)]
    [InlineData("127.0.0.1", "localhost.evil.example", null, false)]
    [InlineData("127.0.0.1", "localhost", "https://evil.example", false)]
    [InlineData("127.0.0.1", "localhost", "null", false)]
    [InlineData("10.0.0.7", "localhost", null, false)]
    [InlineData(null, "localhost", null, false)]
    public void Allows_OnlyLocalPeersWithLocalHostAndOrigin(string? peer, string host, string? origin, bool expected)
    {
        var context = Request(adminKey: null);
        context.Connection.RemoteIpAddress = peer is null ? null : IPAddress.Parse(peer);
        context.Request.Host = new HostString(host);
        if (origin is not null)
        {
            context.Request.Headers.Origin = origin;
        }

        Assert.Equal(expected, AdminGuard.Allows(context));
    }

    [Theory]
    [InlineData("Bearer hush", true)]
    [InlineData("bearer hush", true)]
    [InlineData("Bearer hus", false)]
    [InlineData("Bearer hushhush", false)]
    [InlineData("Basic hush", false)]
    [InlineData("hush", false)]
    [InlineData("", false)]
    public void Allows_FromElsewhere_OnlyWithTheKey(string authorization, bool expected)
    {
        var context = Request(adminKey: "hush");
        context.Connection.RemoteIpAddress = IPAddress.Parse("10.0.0.7");
        context.Request.Headers.Authorization = authorization;

        Assert.Equal(expected, AdminGuard.Allows(context));
    }

    [Fact]
    public void Allows_EmptyKeyOpensNothing()
    {
        var context = Request(adminKey: "");
        context.Connection.RemoteIpAddress = IPAddress.Parse("10.0.0.7");
        context.Request.Headers.Authorization = "Bearer ";

        Assert.False(AdminGuard.Allows(context));
    }

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("Forwarded")]
    public void Allows_NothingThatAProxyForwarded(string header)
    {
        var context = Request(adminKey: null);
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        context.Request.Host = new HostString("localhost");
        context.Request.Headers[header] = "for=127.0.0.1";

        Assert.False(AdminGuard.Allows(context));
    }

    [Fact]
    public async Task RequireAdmin_RefusesWith403AndAClearJsonError()
    {
        await using var tiny = await new TinyService().StartAsync(["--admin-key", "hush"]);
        using var client = new HttpClient { BaseAddress = tiny.Url };
        using var open = await client.PostAsync("/admin", content: null);

        client.DefaultRequestHeaders.Add("Origin", "https://evil.example");
        using var refused = await client.PostAsync("/admin", content: null);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "hush");
        using var withKey = await client.PostAsync("/admin", content: null);

        Assert.Equal("done", await open.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var error = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["error"]!;
        Assert.Equal(403, (int)error["code"]!);
        Assert.Contains("--admin-key", (string)error["message"]!, StringComparison.Ordinal);
        Assert.Equal("done", await withKey.Content.ReadAsStringAsync());
    }

    private static DefaultHttpContext Request(string? adminKey)
    {
        var flags = new TinyFlags();
        Assert.Null(flags.Read(adminKey is null ? [] : [$"--admin-key={adminKey}"], _ => null));
        return new DefaultHttpContext { RequestServices = new ServiceCollection().AddSingleton<ServiceFlags>(flags).BuildServiceProvider() };
    }
}
