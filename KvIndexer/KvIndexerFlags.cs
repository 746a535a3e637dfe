using System.Net;
using LlmdAspire.KvIndexer.CommandLine;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Blocks;
using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.KvIndexer;

/// <summary>The KvIndexer's command line.</summary>
internal sealed class KvIndexerFlags : ServiceFlags
{
    private ITokenizer? _localTokenizer;
    private string? _redisPassword;

    public KvIndexerFlags()
        : base("kv-indexer", "Follows the KV-cache events of engines and says who holds how much of a prompt.", 8080)
    {
        Engine = Define<string[]>("engine", [], "Engine to follow: URL,events=tcp://HOST:PORT[,replay=tcp://HOST:PORT][,ranks=N][,model=NAME]; repeat it for more.");
        Bind = Define<string[]>("bind", [], "Address that engines connect to, tcp://HOST:PORT; their topics say who they are. Repeat it for more.");
        BindRanks = Define("bind-ranks", 1, "Ports per --bind: an engine's rank r connects to the port + r.");
        BindAllow = Define<string[]>("bind-allow", [], "Addresses or networks (10.0.0.0/8) that may connect to --bind; empty allows any.");
        BlockSize = Define("block-size", BlockKeys.DefaultBlockSize, "Tokens per block; an engine's block size must be a multiple of it.");
        HashSeed = Define("hash-seed", "", "Seed of the block keys; replicas and pickers that exchange keys need the same.");
        MemoryBudget = Define("memory-budget", "2GiB", "What index and removal handles may take: 512MiB, 2GiB or bytes.");
        TokenCache = Define("token-cache", "64MiB", "What the tokens of recent prompts may take.");
        TierWeights = Define("tier-weights", "gpu=1.0,cpu=0.8,storage=0.5", "What a block counts by the tier that holds it.");
        StaleWindow = DefineDuration("stale-window", TimeSpan.FromSeconds(30), "How long blocks from before lost events still count.");
        MaxBodyBytes = Define("max-body-bytes", 8L << 20, "Largest request body; larger ones get 413.");
        Tokenizer = Define("tokenizer", "engine", "Who turns text prompts into tokens: engine asks the engines, the path of a tokenizer.json does it here. Conversations are always asked of the engines.");
        Redis = Define<string?>("redis", null, "HOST:PORT of a Redis or Valkey through which replicas share what they learned; the index in memory still answers.");
        RedisPasswordFile = Define<string?>("redis-password-file", null, "File that holds Redis' password; else LLMD_KVINDEXER_REDIS_PASSWORD in the environment.");
        RedisExpiry = DefineDuration("redis-expiry", TimeSpan.FromMinutes(2), "How long what is known of an endpoint lives in Redis without a replica that follows it.");

        Check(Engine, engines => FirstMistake(engines, text => EngineAddress.TryParse(text, out _, out var mistake) ? null : mistake));
        Check(Bind, binds => FirstMistake(binds, MistakeInBind));
        Check(BindRanks, ranks => ranks is < 1 or > 1024 ? "must be from 1 to 1024" : null);
        Check(BindAllow, networks => FirstMistake(networks, text => TryNetwork(text, out _) ? null : "is no address or network; write 10.1.2.3 or 10.0.0.0/8"));
        Check(BlockSize, size => size is < 1 or > 1 << 16 ? "must be from 1 to 65536" : null);
        Check(MemoryBudget, text => ByteSize.TryParse(text, out var bytes) && bytes >= 1 << 20 ? null : "must be a size of at least 1MiB, such as 512MiB or 2GiB");
        Check(TokenCache, text => ByteSize.TryParse(text, out _) ? null : "must be a size, such as 64MiB");
        Check(TierWeights, text => CommandLine.TierWeights.Parse(text) is null ? "must name weights from 0 to 1000 for gpu, cpu and storage, such as gpu=1.0,cpu=0.8,storage=0.5" : null);
        Check(StaleWindow, window => window <= TimeSpan.Zero || window > TimeSpan.FromDays(1) ? "must be above 0 and at most 24h" : null);
        Check(MaxBodyBytes, bytes => bytes is < 1024 or > 1 << 30 ? "must be from 1024 to 1073741824" : null);
        Check(Tokenizer, text => text switch
        {
            "engine" => null,
            Tokenizers.Builtin => "must be engine or the path of a tokenizer.json; the simulator's own tokenizer is asked of the engines",
            _ => Tokenizers.TryLoad(text, out _localTokenizer),
        });
        Check(Redis, text => text is null || CommandLine.RedisAddress.MayHoldPassword(text) || CommandLine.RedisAddress.TryParse(text, out _, out var mistake) ? null : mistake);
        Check(RedisPasswordFile, text => text is null || TryReadPassword(text) ? null : "must be a file that can be read and holds a password");
        Check(RedisExpiry, expiry => expiry < TimeSpan.FromSeconds(15) ? "must be at least 15s" : null);
    }

    public Flag<string[]> Engine { get; }

    public Flag<string[]> Bind { get; }

    public Flag<int> BindRanks { get; }

    public Flag<string[]> BindAllow { get; }

    public Flag<int> BlockSize { get; }

    public Flag<string> HashSeed { get; }

    public Flag<string> MemoryBudget { get; }

    public Flag<string> TokenCache { get; }

    public Flag<string> TierWeights { get; }

    public Flag<TimeSpan> StaleWindow { get; }

    public Flag<long> MaxBodyBytes { get; }

    public Flag<string> Tokenizer { get; }

    /// <summary>The tokenizer of <see cref="Tokenizer"/>'s file; null where the engines are asked.</summary>
    public ITokenizer? LocalTokenizer => _localTokenizer;

    public Flag<string?> Redis { get; }

    public Flag<string?> RedisPasswordFile { get; }

    public Flag<TimeSpan> RedisExpiry { get; }

    /// <summary>Where the shared store is; null where there is none.</summary>
    public RedisAddress? RedisAddress => Redis.Value is { } text && CommandLine.RedisAddress.TryParse(text, out var address, out _) ? address : null;

    /// <summary>Its password; never from the command line, which everyone on the machine can read.</summary>
    public string? RedisPassword => _redisPassword ?? EnvironmentPassword("LLMD_KV_INDEXER_REDIS_PASSWORD") ?? EnvironmentPassword("LLMD_KVINDEXER_REDIS_PASSWORD");

    public IEnumerable<EngineAddress> Engines =>
        Engine.Value.Select(text => EngineAddress.TryParse(text, out var address, out _) ? address : throw new FormatException(text));

    public long MemoryBudgetBytes => Bytes(MemoryBudget);

    public long TokenCacheBytes => Bytes(TokenCache);

    /// <summary>Why a peer may not connect to a bound port, by its address; null when any may.</summary>
    public Func<IPAddress, string?>? Refuses
    {
        get
        {
            if (BindAllow.Value.Length == 0)
            {
                return null;
            }

            var networks = BindAllow.Value.Select(text => TryNetwork(text, out var network) ? network : default).ToList();
            return peer => networks.Exists(network => network.Contains(peer)) ? null : "--bind-allow does not name its address";
        }
    }

    protected override string? WhyRefused(string name) => name == "--redis-password"
        ? "could be read by everyone on the machine; use --redis-password-file or LLMD_KVINDEXER_REDIS_PASSWORD in the environment"
        : base.WhyRefused(name);

    protected override IEnumerable<string> FindMistakes()
    {
        if (Redis.Value is { } redis && CommandLine.RedisAddress.MayHoldPassword(redis))
        {
            yield return "--redis takes HOST:PORT alone; a password goes into a file (--redis-password-file) or the environment (LLMD_KVINDEXER_REDIS_PASSWORD).";
        }

        if (RedisPasswordFile.Value is not null && Redis.Value is null)
        {
            yield return "--redis-password-file is given without --redis; say where Redis is, or leave it out.";
        }

        var twice = Engines.GroupBy(engine => engine.Endpoint).FirstOrDefault(same => same.Count() > 1);
        if (twice is not null)
        {
            yield return $"--engine names {twice.Key} twice; name each engine once, with ranks=N for its ranks.";
        }
    }

    private static string? EnvironmentPassword(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } password ? password : null;

    private bool TryReadPassword(string path)
    {
        try
        {
            _redisPassword = File.ReadAllText(path).TrimEnd('\r', '\n');
            return _redisPassword.Length > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    private static string? FirstMistake(string[] values, Func<string, string?> mistakeIn)
    {
        foreach (var value in values)
        {
            if (mistakeIn(value) is { } mistake)
            {
                return values.Length == 1 ? mistake : $"has '{value}', which {mistake}";
            }
        }

        return null;
    }

    private static string? MistakeInBind(string text) =>
        text.StartsWith("tcp://", StringComparison.Ordinal) && text.LastIndexOf(':') is > 5 and var colon
        && (text[(colon + 1)..] == "*" || ushort.TryParse(text.AsSpan(colon + 1), out _))
            ? null
            : "must be tcp://HOST:PORT, such as tcp://0.0.0.0:5557";

    private static bool TryNetwork(string text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out var single))
        {
            network = new IPNetwork(single, single.GetAddressBytes().Length * 8);
            return true;
        }

        return IPNetwork.TryParse(text, out network);
    }

    private static long Bytes(string text) => ByteSize.TryParse(text, out var bytes) ? bytes : throw new FormatException(text);
}
