using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace LlmdAspire.Serving.Blocks;

/// <summary>XXH64 (xxHash specification 0.1.1), at once or in pieces. Allocates nothing.</summary>
/// <remarks>Not for anything an adversary may gain from: collisions can be made on purpose. The streaming form is a value; copying it copies its state.</remarks>
public struct XxHash64
{
    // The five primes of the specification.
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;
    private const int Stripe = 32;

    private readonly ulong _seed;
    private ulong _lane1;
    private ulong _lane2;
    private ulong _lane3;
    private ulong _lane4;
    private Pending _pending;
    private int _pendingLength;
    private ulong _length;

    private XxHash64(ulong seed)
    {
        _seed = seed;
        _lane1 = seed + Prime1 + Prime2;
        _lane2 = seed + Prime2;
        _lane3 = seed;
        _lane4 = seed - Prime1;
    }

    /// <summary>Begins a hash. A default value is none: its lanes are unseeded.</summary>
    public static XxHash64 Begin(ulong seed = 0) => new(seed);

    /// <summary>The hash of all bytes at once.</summary>
    public static ulong Hash(ReadOnlySpan<byte> bytes, ulong seed = 0)
    {
        ulong hash;
        var rest = bytes;
        if (bytes.Length >= Stripe)
        {
            var state = new XxHash64(seed);
            var whole = bytes.Length & ~(Stripe - 1);
            state.Consume(bytes[..whole]);
            hash = state.Converge();
            rest = bytes[whole..];
        }
        else
        {
            hash = seed + Prime5;
        }

        return Finish(hash + (ulong)bytes.Length, rest);
    }

    /// <summary>Adds bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _length += (ulong)bytes.Length;
        Span<byte> pending = _pending;
        if (_pendingLength > 0)
        {
            var part = Math.Min(Stripe - _pendingLength, bytes.Length);
            bytes[..part].CopyTo(pending[_pendingLength..]);
            _pendingLength += part;
            bytes = bytes[part..];
            if (_pendingLength < Stripe)
            {
                return;
            }

            Consume(pending);
            _pendingLength = 0;
        }

        var whole = bytes.Length & ~(Stripe - 1);
        Consume(bytes[..whole]);
        bytes[whole..].CopyTo(pending);
        _pendingLength = bytes.Length - whole;
    }

    /// <summary>Adds a number as eight bytes, least significant first.</summary>
    public void Append(ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Append(bytes);
    }

    /// <summary>The hash of what was added; more may be added afterwards.</summary>
    public readonly ulong Current
    {
        get
        {
            var hash = _length >= Stripe ? Converge() : _seed + Prime5;
            ReadOnlySpan<byte> pending = _pending;
            return Finish(hash + _length, pending[.._pendingLength]);
        }
    }

    private void Consume(ReadOnlySpan<byte> stripes)
    {
        var (lane1, lane2, lane3, lane4) = (_lane1, _lane2, _lane3, _lane4);
        var words = MemoryMarshal.Cast<byte, ulong>(stripes);
        for (var i = 0; i + 3 < words.Length; i += 4)
        {
            lane1 = Round(lane1, LittleEndian(words[i]));
            lane2 = Round(lane2, LittleEndian(words[i + 1]));
            lane3 = Round(lane3, LittleEndian(words[i + 2]));
            lane4 = Round(lane4, LittleEndian(words[i + 3]));
        }

        (_lane1, _lane2, _lane3, _lane4) = (lane1, lane2, lane3, lane4);
    }

    private readonly ulong Converge()
    {
        var hash = BitOperations.RotateLeft(_lane1, 1) + BitOperations.RotateLeft(_lane2, 7)
            + BitOperations.RotateLeft(_lane3, 12) + BitOperations.RotateLeft(_lane4, 18);
        hash = Merge(hash, _lane1);
        hash = Merge(hash, _lane2);
        hash = Merge(hash, _lane3);
        return Merge(hash, _lane4);
    }

    // The last 0 to 31 bytes and the avalanche.
    private static ulong Finish(ulong hash, ReadOnlySpan<byte> rest)
    {
        while (rest.Length >= 8)
        {
            hash = (BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest)), 27) * Prime1) + Prime4;
            rest = rest[8..];
        }

        if (rest.Length >= 4)
        {
            hash = (BitOperations.RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime1), 23) * Prime2) + Prime3;
            rest = rest[4..];
        }

        foreach (var one in rest)
        {
            hash = BitOperations.RotateLeft(hash ^ (one * Prime5), 11) * Prime1;
        }

        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);
    }

    private static ulong Round(ulong lane, ulong input) => BitOperations.RotateLeft(lane + (input * Prime2), 31) * Prime1;

    private static ulong Merge(ulong hash, ulong lane) => ((hash ^ Round(0, lane)) * Prime1) + Prime4;

    private static ulong LittleEndian(ulong word) => BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);

    [System.Runtime.CompilerServices.InlineArray(Stripe)]
    private struct Pending
    {
        private byte _first;
    }
}
