using System.Diagnostics;
using System.Text.Json.Nodes;
using LlmdAspire.Protocols.Zmtp;
using LlmdAspire.Tests.Shared;
using static LlmdAspire.Protocols.Tests.Zmtp.ZmqTest;

namespace LlmdAspire.Protocols.Tests.Zmtp;

/// <summary>The <c>zeromq</c> package for Node, which brings a newer libzmq than Debian's, against all four sockets.</summary>
public sealed class NodeZeromqTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Zmtp", "Peers", "node");

    [Fact]
    public async Task NodesSockets_TalkToAllOfOurs()
    {
        await InstallAsync();
        var events = new EventLog();
        await using var publisher = new ZmqPublisher(new() { OnEvent = events.Add });
        await using var router = new ZmqRouter();
        await using var subscriber = new ZmqSubscriber();
        subscriber.Subscribe("kv@");
        using var node = Start("node", "check.mjs", publisher.Bind("tcp://127.0.0.1:0"), router.Bind("tcp://127.0.0.1:0"));
        try
        {
            subscriber.Connect((await Eventually.DoneAsync(node.StandardOutput.ReadLineAsync()))!);
            await Eventually.DoneAsync(subscriber.WaitForPeersAsync(1));
            _ = await events.FirstAsync(ZmqEventKind.Subscribed);
            _ = publisher.Send(Bytes("kv@us"), Bytes("to node"));
            using (var question = await Eventually.DoneAsync(router.ReceiveAsync().AsTask()))
            {
                Assert.Equal(Bytes("node"), question.Peer.RoutingId.ToArray());
                Assert.True(await router.SendAsync(question.Peer, [Bytes(""), Bytes("answer")]));
            }

            Assert.Equal(["kv@node", "from node"], await subscriber.NextTextAsync());
            Assert.Equal(["", "published"], await router.NextTextAsync());
            _ = router.TrySend((ReadOnlyMemory<byte>)Bytes("node"), Bytes(""), Bytes("goodbye"));

            var seen = JsonNode.Parse((await Eventually.DoneAsync(node.StandardOutput.ReadLineAsync()))!)!;
            Assert.Equal("""["kv@us","to node"]""", seen["published"]!.ToJsonString());
            Assert.Equal("""["","answer"]""", seen["answered"]!.ToJsonString());
        }
        finally
        {
            node.Kill(entireProcessTree: true);
            await node.WaitForExitAsync();
        }
    }

    private static async Task InstallAsync()
    {
        if (Directory.Exists(Path.Combine(s_folder, "node_modules", "zeromq")))
        {
            return;
        }

        try
        {
            using var npm = Start("npm", "install", "--no-package-lock", "--no-audit", "--no-fund");
            npm.StandardInput.Close();
            var output = npm.StandardOutput.ReadToEndAsync();
            await Eventually.DoneAsync(npm.WaitForExitAsync());
            Assert.SkipWhen(npm.ExitCode != 0, $"npm cannot install the zeromq package: {(await output).Trim()}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("node and npm are not on PATH");
        }
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = s_folder, RedirectStandardInput = true, RedirectStandardOutput = true })!;
}
