using System.Text;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies.Hashing;

/// <summary>Weighs workers for a key: each has a hash with it, and the highest has the key. Pure.</summary>
internal static class Rendezvous
{
    // Of a worker's name; longer ones get their own room.
    private const int RoomForName = 256;

    /// <summary>Finds who has the key.</summary>
    /// <param name="scores">Takes the weights, 0 to 1; may be empty.</param>
    /// <returns>Index of the candidate.</returns>
    public static int Find(ReadOnlySpan<byte> key, ReadOnlySpan<Worker> candidates, Span<float> scores)
    {
        Span<byte> room = key.Length <= RoomForName ? stackalloc byte[2 * RoomForName] : new byte[key.Length + RoomForName];
        key.CopyTo(room);
        room[key.Length] = (byte)':';
        var (best, highest) = (0, 0UL);
        for (var i = 0; i < candidates.Length; i++)
        {
            var weight = Weigh(room, key.Length + 1, candidates[i].Name);
            if (!scores.IsEmpty)
            {
                scores[i] = (float)(weight / (double)ulong.MaxValue);
            }

            // Of equals the last, as in vllm-router.
            (best, highest) = weight >= highest ? (i, weight) : (best, highest);
        }

        return best;
    }

    private static ulong Weigh(Span<byte> room, int from, string name)
    {
        if (name.Length > room.Length - from)
        {
            var longer = new byte[from + name.Length];
            room[..from].CopyTo(longer);
            room = longer;
        }

        // Names are URLs, which are ASCII.
        return RingHash.Of(room[..(from + Encoding.ASCII.GetBytes(name, room[from..]))]);
    }
}
