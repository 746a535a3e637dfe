using System.Net.Sockets;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LlmdAspire.Hosting.Embedded.Processes;
using LlmdAspire.Tests.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LlmdAspire.Hosting.Embedded.Tests.Run;

/// <summary>Redis without a container runtime: a real server of this machine.</summary>
public sealed class LocalRedisTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("with \"quotes\", $dollars and \\")]
    public async Task Redis_Runs_AndKnowsItsPassword(string password)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "local Redis is not supported on Windows");
        Assert.SkipWhen(ProgramSearch.Find("redis-server") is null, "redis-server is not installed");

        RedisResource redis = null!;
        await using var run = await RunningModel.StartAsync(builder =>
        {
            builder.Configuration.AddInMemoryCollection([new("ASPIRE_CONTAINER_RUNTIME", "no-such-runtime")]);
            redis = builder.AddRedis("cache", password: builder.AddParameter("pass", password, secret: true)).Resource;
        });

        var ready = await Eventually.DoneAsync(run.App.ResourceNotifications.WaitForResourceHealthyAsync("cache"));

        Assert.Equal(HealthStatus.Healthy, ready.Snapshot.HealthStatus);
        Assert.StartsWith("-NOAUTH", await AskAsync(redis, "PING\r\n"), StringComparison.Ordinal);
    }

    private static async Task<string?> AskAsync(RedisResource redis, string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(redis.PrimaryEndpoint.Host, redis.PrimaryEndpoint.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(command));
        using var reader = new StreamReader(client.GetStream());
        return await Eventually.DoneAsync(reader.ReadLineAsync());
    }
}
