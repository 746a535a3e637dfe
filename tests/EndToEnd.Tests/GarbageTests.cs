using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>Garbage on every port on which the stack listens: refused, said once, and nothing is left of it.</summary>
public sealed partial class GarbageTests
{
    private const int TimesEach = 3;
    private const int Knocks = 200;

    // What a service needs for itself comes and goes: connections to the others, pooled threads, memory not collected yet.
    private const int SpareDescriptors = 24;
    private const int SpareThreads = 24;
    private const long SpareBytes = 96 << 20;

    // Kinds that one service can meet, with room; the garbage comes by thousands of connections.
    private const int LinesPerService = 40;

    [Fact]
    public async Task EveryPort_RefusesGarbage_AndNothingIsLeftOfIt()
    {
        Assert.SkipWhen(ProcessView.Missing is not null, ProcessView.Missing ?? "");

        await using var stack = await RunningStack.StartAsync();
        var services = stack.Resources.Select(resource => new Service(resource.Name, resource.Pid, ProcessView.Listening(resource.Pid))).ToList();
        var ports = services.SelectMany(service => service.Ports).ToList();
        Assert.All(stack.Resources, resource => Assert.Contains(resource.Url.Port, ports.Select(port => port.Port)));
        Assert.All(services, service => Assert.NotEmpty(service.Ports));

        // Once for what a service keeps after its first such connection: buffers, compiled code, threads.
        await SendToAllAsync(services, times: 1);
        var before = services.ConvertAll(service => Use.Of(service.Pid));
        var linesBefore = stack.Log.Count;
        var began = Stopwatch.GetTimestamp();

        var silent = Task.WhenAll(ports.SelectMany(port => Garbage.All.Where(kind => kind.End == GarbageEnd.Silence).Select(kind => SendAsync(kind, port))));
        await SendToAllAsync(services, TimesEach);
        await Task.WhenAll(ports.Select(port => KnockAsync(port, Knocks)));
        Assert.Equal(200, (await stack.CompleteAsync("Still here?")).Status);
        await silent;

        Assert.All(services, service => Assert.Equal(service.Pid, stack.PidOf(service.Name)));
        Assert.All(services, service => Assert.True(Signal.IsAlive(service.Pid), service.Name));
        for (var i = 0; i < services.Count; i++)
        {
            var (service, baseline) = (services[i], before[i]);
            await Eventually.TrueAsync(
                () => Use.Of(service.Pid) is var now && now.Descriptors <= baseline.Descriptors + SpareDescriptors && now.Threads <= baseline.Threads + SpareThreads
                    && now.Bytes <= baseline.Bytes + SpareBytes,
                $"{service.Name} is back at {baseline.Descriptors} descriptors, {baseline.Threads} threads and {baseline.Bytes} bytes");
        }

        var said = stack.Log.Skip(linesBefore).ToList();
        // What happens again is told again after a minute.
        var timesToldAlike = 1 + (int)Math.Ceiling(Stopwatch.GetElapsedTime(began).TotalMinutes);
        Assert.True(!said.Exists(line => line.Contains("Exception", StringComparison.Ordinal)), string.Join('\n', said));
        Assert.All(said.GroupBy(line => line.Split(' ')[0]), lines => Assert.True(lines.Count() <= LinesPerService, string.Join('\n', lines)));
        Assert.All(said.GroupBy(line => Numbers().Replace(line, "#")), same => Assert.True(same.Count() <= timesToldAlike, $"{same.Count()} times: {same.Key}"));
        Assert.Equal(200, (await stack.CompleteAsync("And now?")).Status);
    }

    private static Task SendToAllAsync(IEnumerable<Service> services, int times) => Task.WhenAll(services.SelectMany(service => service.Ports).Select(async port =>
    {
        foreach (var kind in Garbage.All.Where(kind => kind.End != GarbageEnd.Silence))
        {
            for (var i = 0; i < times; i++)
            {
                await SendAsync(kind, port);
            }
        }
    }));

    /// <summary>Sends it, and returns once the service has closed the connection.</summary>
    private static async Task SendAsync(Garbage kind, IPEndPoint port)
    {
        using var limit = new CancellationTokenSource(Eventually.Timeout);
        try
        {
            var heard = await kind.SendAsync(port, limit.Token);
            Assert.False(Defect().IsMatch(heard), $"{kind.Name} to {port}: {heard}");
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{port} keeps the connection of a sender of {kind.Name}");
        }
    }

    /// <summary>Connections opened and dropped, every other one with a reset.</summary>
    private static async Task KnockAsync(IPEndPoint port, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var socket = new Socket(port.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(port);
            socket.LingerState = new LingerOption(enable: i % 2 == 0, seconds: 0);
        }
    }

    // 501 and 505 say that the sender is wrong, the others that the service is.
    [GeneratedRegex(@"^HTTP/1\.1 50(?![15])")]
    private static partial Regex Defect();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Numbers();

    private sealed record Service(string Name, int Pid, IReadOnlyList<IPEndPoint> Ports);

    private readonly record struct Use(int Descriptors, int Threads, long Bytes)
    {
        public static Use Of(int pid) => new(ProcessView.DescriptorCount(pid), ProcessView.ThreadCount(pid), ProcessView.ResidentBytes(pid));
    }
}
