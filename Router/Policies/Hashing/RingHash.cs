using System.Buffers.Binary;

namespace LlmdAspire.Router.Policies.Hashing;

/// <summary>The hash of vllm-router's rings and rendezvous, so that both routers send a key to the same worker. Pure; allocates nothing.</summary>
/// <remarks>
/// mcrouter's furc_hash of the key with modulus 2^23 - 1, spread over 64 bits by MurmurHash64A. Only 2^23 values come out. Like vllm-router's, and
/// unlike mcrouter's, furc_hash looks at bit 0 too before it gives up.
/// </remarks>
internal static class RingHash
{
    private const ulong Seed = 4193360111;
    private const ulong Multiplier = 0xc6a4a7935bd1e995;
    private const int Shift = 47;
    private const int Modulus = (1 << 23) - 1;
    private const int Depth = 23;
    private const int MaxTries = 32;

    public static ulong Of(ReadOnlySpan<byte> key)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(number, Furc(key));
        return Murmur(number);
    }

    private static uint Furc(ReadOnlySpan<byte> key)
    {
        var bits = new BitStream(key);
        var depth = Depth;
        var at = depth;
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            while (!bits.Get(at))
            {
                if (depth == 0)
                {
                    return 0;
                }

                at = --depth;
            }

            at += Depth;
            var number = 1u;
            for (var i = 1; i < depth; i++)
            {
                number = (number << 1) | (bits.Get(at) ? 1u : 0u);
                at += Depth;
            }

            if (number < Modulus)
            {
                return number;
            }
        }

        return 0;
    }

    private static ulong Murmur(ReadOnlySpan<byte> bytes)
    {
        var hash = Seed ^ ((ulong)bytes.Length * Multiplier);
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        if (!bytes.IsEmpty)
        {
            var rest = 0UL;
            for (var i = 0; i < bytes.Length; i++)
            {
                rest |= (ulong)bytes[i] << (8 * i);
            }

            hash = (hash ^ rest) * Multiplier;
        }

        return Finish(hash);
    }

    private static ulong Mix(ulong hash, ulong word)
    {
        word *= Multiplier;
        return (hash ^ ((word ^ (word >> Shift)) * Multiplier)) * Multiplier;
    }

    private static ulong Finish(ulong hash)
    {
        hash = (hash ^ (hash >> Shift)) * Multiplier;
        return hash ^ (hash >> Shift);
    }

    /// <summary>As many bits as are asked for: the hash of the key, the hash of that, and so on. Asked mostly in rising order.</summary>
    private ref struct BitStream(ReadOnlySpan<byte> key)
    {
        private readonly ReadOnlySpan<byte> _key = key;
        private ulong _word = Murmur(key);
        private int _index;

        public bool Get(int at)
        {
            if (at / 64 < _index)
            {
                (_word, _index) = (Murmur(_key), 0);
            }

            for (; _index < at / 64; _index++)
            {
                _word = Finish(Mix(Seed ^ unchecked(sizeof(ulong) * Multiplier), _word));
            }

            return (_word >> (at % 64) & 1) != 0;
        }
    }
}
