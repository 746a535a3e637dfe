using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using LlmdAspire.Hosting.Embedded.Processes;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Runs the model's Redis as a program of this machine, where there is no container runtime but a <c>redis-server</c>.</summary>
/// <remarks>Nothing is kept on disk; what the model says about the container, its volumes and image, does not apply.</remarks>
internal static class LocalRedis
{
    private const string Port = "LLMD_REDIS_PORT";
    private const string Password = "LLMD_REDIS_PASSWORD";

    // The configuration comes in through a here-document: a password among the arguments could be read by everyone on the machine.
    private const string Script =
        $"""
        exec redis-server - <<END
        bind 127.0.0.1
        port ${Port}
        save ""
        requirepass "${Password}"
        END
        """;

    /// <summary>What to start; null where it cannot be done.</summary>
    public static async Task<LaunchSpec?> PlanAsync(RedisResource redis, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows() || redis.PasswordParameter is null || ProgramSearch.Find("redis-server") is null)
        {
            return null;
        }

        var password = await redis.PasswordParameter.GetValueAsync(cancellationToken) ?? "";
        return new LaunchSpec
        {
            Name = redis.Name,
            FileName = "sh",
            Arguments = ["-c", Script],
            Environment = new Dictionary<string, string>
            {
                [Port] = redis.PrimaryEndpoint.Port.ToString(CultureInfo.InvariantCulture),
                [Password] = password.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal),
            },
            WorkingDirectory = Path.GetTempPath(),
        };
    }
}
