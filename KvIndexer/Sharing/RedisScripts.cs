namespace LlmdAspire.KvIndexer.Sharing;

/// <summary>What must happen in Redis in one step: each looks who owns an endpoint before it changes anything.</summary>
/// <remarks>Clocks of replicas may differ; only Redis' own counts.</remarks>
internal static class RedisScripts
{
    /// <summary>KEYS directory; ARGV prefix of an endpoint's key, milliseconds after which an owner is gone. Gives name, owner, alive, version in turn.</summary>
    public const string List = """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local rows = {}
        for _, name in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
          local m = redis.call('HMGET', ARGV[1] .. name, '.owner', '.seen', '.version')
          if m[2] then
            local owner = m[1] or ''
            rows[#rows + 1] = name
            rows[#rows + 1] = owner
            rows[#rows + 1] = (owner ~= '' and now - tonumber(m[2]) < tonumber(ARGV[2])) and '1' or '0'
            rows[#rows + 1] = m[3] or ''
          else
            redis.call('ZREM', KEYS[1], name)
          end
        end
        return rows
        """;

    /// <summary>KEYS endpoint, directory; ARGV me, milliseconds after which an owner is gone, milliseconds to live, name. Gives the version, or nothing when another replica owns it.</summary>
    public const string Claim = """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local m = redis.call('HMGET', KEYS[1], '.owner', '.seen', '.version')
        if m[1] and m[1] ~= '' and m[1] ~= ARGV[1] and now - tonumber(m[2]) < tonumber(ARGV[2]) then
          return false
        end
        redis.call('HSET', KEYS[1], '.owner', ARGV[1], '.seen', now)
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        redis.call('ZADD', KEYS[2], now, ARGV[4])
        return m[3] or ''
        """;

    /// <summary>KEYS endpoint; ARGV me. Lets any replica own it from now on.</summary>
    public const string Release = """
        if redis.call('HGET', KEYS[1], '.owner') == ARGV[1] then
          redis.call('HSET', KEYS[1], '.owner', '')
        end
        """;

    /// <summary>KEYS endpoint; ARGV me, version before, version after, header, cleared, channel, message, count of stored, field and key of each, fields of those gone. Gives 1 when done.</summary>
    public const string Change = """
        local m = redis.call('HMGET', KEYS[1], '.owner', '.version', '.seen')
        if m[1] ~= ARGV[1] or m[2] ~= ARGV[2] then
          return 0
        end
        if ARGV[5] == '1' then
          local left = redis.call('PTTL', KEYS[1])
          redis.call('UNLINK', KEYS[1])
          redis.call('HSET', KEYS[1], '.owner', m[1], '.seen', m[3])
          redis.call('PEXPIRE', KEYS[1], math.max(left, 1))
        end
        local first = 9
        local stored = tonumber(ARGV[8]) * 2
        if stored > 0 then
          redis.call('HSET', KEYS[1], unpack(ARGV, first, first + stored - 1))
        end
        if #ARGV >= first + stored then
          redis.call('HDEL', KEYS[1], unpack(ARGV, first + stored, #ARGV))
        end
        redis.call('HSET', KEYS[1], '.version', ARGV[3], '.header', ARGV[4])
        redis.call('PUBLISH', ARGV[6], ARGV[7])
        return 1
        """;

    /// <summary>KEYS endpoint, key that all blocks were written to; ARGV me, version, header, channel, message, milliseconds to live. Gives 1 when done.</summary>
    public const string Replace = """
        local m = redis.call('HMGET', KEYS[1], '.owner', '.seen')
        if m[1] ~= ARGV[1] then
          redis.call('UNLINK', KEYS[2])
          return 0
        end
        redis.call('HSET', KEYS[2], '.owner', m[1], '.seen', m[2], '.version', ARGV[2], '.header', ARGV[3])
        redis.call('UNLINK', KEYS[1])
        redis.call('RENAME', KEYS[2], KEYS[1])
        redis.call('PEXPIRE', KEYS[1], ARGV[6])
        redis.call('PUBLISH', ARGV[4], ARGV[5])
        return 1
        """;
}
