using System.Text;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Policies.Hashing;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Tests.Policies;

public sealed class HashPolicyTests
{
    // Golden values come from a program of 40 lines in another language, written from the definitions of furc_hash and MurmurHash64A.
    [Theory]
    [InlineData("", 0xc0663e029346e424)]
    [InlineData("a", 0x29d1ab12ec5fea11)]
    [InlineData("http://worker1:8000:0", 0x0313aad40b6c33c4)]
    [InlineData("header:x-session-id:sess-1", 0x23aa0c0e56e0aa5f)]
    [InlineData("session:абв", 0x840b8f05cd3ae60b)]
    [InlineData("user:alice", 0xccb3ce7850815e85)]
    public void RingHash_IsVllmRouters(string key, ulong expected) => Assert.Equal(expected, RingHash.Of(Encoding.UTF8.GetBytes(key)));

    [Fact]
    public void RingHash_OfALongKey_IsVllmRouters() => Assert.Equal(0x626e7a2eaad58322UL, RingHash.Of(Encoding.UTF8.GetBytes(new string('x', 200))));

    [Fact]
    public void ConsistentHash_ChoosesAsVllmRouterDoes() => Assert.Equal("111122333223313233233312", Sessions(new ConsistentHashPolicy(), OfVllmRouter));

    [Fact]
    public void ConsistentHash_OverRanks_ChoosesAsVllmRouterDoes() => Assert.Equal(
        "330452370304363403617375",
        Sessions(new ConsistentHashPolicy(), [.. Enumerable.Range(0, 8).Select(rank => Fleet.Worker($"http://10.0.0.5:8000@{rank}"))]));

    [Fact]
    public void RendezvousHash_ChoosesAsVllmRouterDoes() => Assert.Equal("123111231311232132221231", Sessions(new RendezvousHashPolicy(), OfVllmRouter));

    [Theory]
    [InlineData("consistent_hash", 0.05)]
    [InlineData("rendezvous_hash", 0.02)]
    public void WorkerThatComesOrGoes_MovesItsShareOfTheKeysAndNoOther(string name, double tolerance)
    {
        const int Keys = 4000;
        var policy = PolicyCatalog.Create(name, new());
        for (var count = 2; count <= 9; count++)
        {
            var workers = Fleet.Of(count);
            var before = Choices(policy, workers[..^1], Keys);
            var after = Choices(policy, workers, Keys);
            var back = Choices(policy, workers[..^1], Keys);

            var moved = Enumerable.Range(0, Keys).Where(i => before[i] != after[i]).ToArray();
            Assert.All(moved, i => Assert.Equal(workers[^1], after[i]));
            Assert.InRange((double)moved.Length / Keys, (1.0 / count) - tolerance, (1.0 / count) + tolerance);
            Assert.Equal(before, back);
            foreach (var gone in workers)
            {
                gone.MarkRemoved();
            }
        }
    }

    [Fact]
    public void ConsistentHash_OwnerAway_GoesToTheNextOnTheRingAndComesBack()
    {
        var policy = new ConsistentHashPolicy();
        var workers = Fleet.Of(5);
        var homes = Choices(policy, workers, 200);
        var left = workers.Where(worker => worker != workers[2]).ToArray();

        var meanwhile = Choices(policy, left, 200);

        Assert.All(Enumerable.Range(0, 200).Where(i => homes[i] != workers[2]), i => Assert.Equal(homes[i], meanwhile[i]));
        Assert.Equal(left.ToHashSet(), meanwhile.Where((_, i) => homes[i] == workers[2]).ToHashSet());
        var orphan = Array.FindIndex(homes, home => home == workers[2]);
        Assert.StartsWith("next on the ring behind the owner of the key, header x-session-id", policy.Ask(Session(orphan), left).Choice.Reason);
        Assert.Equal(homes, Choices(policy, workers, 200));
    }

    [Theory]
    [InlineData("""{"prompt":"p","user":"u"}""", "header:x-session-id:s", "x-trace-id=t", "x-request-id=r", "x-session-id=s")]
    [InlineData("""{"prompt":"p","user":"u"}""", "header:x-user-id:1", "x-tenant-id=2", "x-user-id=1")]
    [InlineData("""{"prompt":"p","user":"u"}""", "header:x-tenant-id:2", "x-correlation-id=3", "x-tenant-id=2", "x-session-id=")]
    [InlineData("""{"prompt":"p","user":"u"}""", "header:x-correlation-id:3", "x-request-id=r", "x-correlation-id=3")]
    [InlineData("""{"prompt":"p","user":"u"}""", "header:x-request-id:r", "x-trace-id=t", "x-request-id=r")]
    [InlineData("""{"prompt":"p","user":"u"}""", "header:x-trace-id:t", "x-trace-id=t")]
    [InlineData("""{"prompt":"p","user":"u","session_params":{"session_id":"n"}}""", "session:n")]
    [InlineData("""{"prompt":"p","session_id":"d","user":"u"}""", "user:u")]
    [InlineData("""{"prompt":"p","session_id":"d","user_id":"i"}""", "session:d")]
    [InlineData("""{"prompt":"p","user_id":"i"}""", "user:i")]
    [InlineData("""{"prompt":"say \"user\": \"fake\" please"}""", "request:say \\\"user\\\": \\\"fake\\\" please")]
    [InlineData("""{"prompt":[1,2,3]}""", "request:1,2,3")]
    [InlineData("""{"model":"m"}""", "")]
    public void Key_IsTheFirstOfHeadersBodyAndPrompt(string body, string expected, params string[] headers)
    {
        var request = Fleet.Request(body, headers: [.. headers.Select(header => header.Split('=')).Select(parts => (parts[0], parts[1]))]);

        Assert.Equal(expected, Encoding.UTF8.GetString(RoutingKey.Of(request, new byte[256]).Bytes));
    }

    [Fact]
    public void Key_LongerThanItsRoom_IsWhole()
    {
        var name = new string('é', 500);

        Assert.Equal($"header:x-session-id:{name}", Encoding.UTF8.GetString(RoutingKey.Of(Fleet.Request("{}", headers: ("x-session-id", name)), new byte[256]).Bytes));
        Assert.StartsWith("request_hash:", Encoding.UTF8.GetString(RoutingKey.Of(Fleet.Completion(name), new byte[256]).Bytes));
        Assert.NotEqual(0, new RendezvousHashPolicy().Ask(Fleet.Request("{}", headers: ("x-session-id", name)), Fleet.Of(3)).Scores.Max());
    }

    [Fact]
    public void TokenIdPromptsOfEqualLength_AreDifferentKeys()
    {
        var policy = new ConsistentHashPolicy();
        var workers = Fleet.Of(8);

        var homes = Enumerable.Range(0, 64).Select(i => policy.Ask(Fleet.Request($$"""{"prompt":[{{string.Join(',', Enumerable.Range(i, 100))}}]}"""), workers).Worker);

        Assert.Equal(8, homes.Distinct().Count());
    }

    [Theory]
    [InlineData("consistent_hash")]
    [InlineData("rendezvous_hash")]
    public void WithoutKey_GoesByLoad(string name)
    {
        var workers = Fleet.Of(2);
        Fleet.Load(workers[0], 1);

        Assert.Equal(workers[1], PolicyCatalog.Create(name, new()).Ask(Fleet.Request("{}"), workers).Worker);
    }

    private static Worker[] OfVllmRouter => [.. Enumerable.Range(1, 3).Select(i => Fleet.Worker($"http://worker{i}:8000"))];

    private static RoutingRequest Session(int number) => Fleet.Request("""{"prompt":"p"}""", headers: ("x-session-id", $"session-{number}"));

    private static Worker[] Choices(IRoutingPolicy policy, Worker[] workers, int keys) => [.. Enumerable.Range(0, keys).Select(i => policy.Ask(Session(i), workers).Worker)];

    // The last digit of each choice's host, or its rank.
    private static string Sessions(IRoutingPolicy policy, Worker[] workers) =>
        string.Concat(Choices(policy, workers, 24).Select(worker => worker.Id.Rank?.ToString() ?? worker.Id.Host[^1..]));
}
