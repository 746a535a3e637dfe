using System.Buffers;

namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>Byte-pair encoding of one word: bytes are joined in the order of the merges' ranks, equal ones from the left. Thread-safe.</summary>
internal sealed class WordMerger(MergeTable merges, int[] byteTokens)
{
    /// <summary>Up to here, looking for the lowest rank anew each time costs less than keeping a heap.</summary>
    private const int ScanLimit = 96;

    /// <summary>Writes the tokens of a word and returns how many; <paramref name="tokens"/> is as long as the word.</summary>
    public int Merge(ReadOnlySpan<byte> word, Span<int> tokens)
    {
        for (var i = 0; i < word.Length; i++)
        {
            tokens[i] = byteTokens[word[i]];
        }

        return word.Length <= ScanLimit ? Scan(tokens[..word.Length]) : Heap(tokens[..word.Length]);
    }

    /// <summary>Merges by looking for the lowest rank each time.</summary>
    internal int Scan(Span<int> tokens)
    {
        var count = tokens.Length;
        // At each token, what merging it with the next one gives.
        var found = count <= ScanLimit ? stackalloc long[count] : new long[count];
        for (var i = 0; i < count - 1; i++)
        {
            found[i] = merges.Find(tokens[i], tokens[i + 1]);
        }

        while (count > 1)
        {
            var at = 0;
            for (var i = 1; i < count - 1; i++)
            {
                at = found[i] < found[at] ? i : at;
            }

            if (found[at] == MergeTable.None)
            {
                break;
            }

            tokens[at] = (int)found[at];
            tokens[(at + 2)..count].CopyTo(tokens[(at + 1)..]);
            found[(at + 2)..count].CopyTo(found[(at + 1)..]);
            count--;
            found[at] = at < count - 1 ? merges.Find(tokens[at], tokens[at + 1]) : MergeTable.None;
            if (at > 0)
            {
                found[at - 1] = merges.Find(tokens[at - 1], tokens[at]);
            }
        }

        return count;
    }

    /// <summary>Merges by a heap of all pairs over a linked list.</summary>
    internal int Heap(Span<int> tokens)
    {
        var count = tokens.Length;
        var links = ArrayPool<int>.Shared.Rent(2 * count);
        try
        {
            var next = links.AsSpan(0, count);
            var previous = links.AsSpan(count, count);
            var heap = new PriorityQueue<Pair, (long Merge, int At)>(count);
            for (var i = 0; i < count; i++)
            {
                (next[i], previous[i]) = (i + 1, i - 1);
            }

            for (var i = 0; i < count - 1; i++)
            {
                Offer(heap, tokens, i, i + 1);
            }

            while (heap.TryDequeue(out var pair, out var priority))
            {
                // A pair of which either token has been merged meanwhile is there no more.
                if (tokens[pair.Left] != pair.LeftToken || next[pair.Left] != pair.Right || tokens[pair.Right] != pair.RightToken)
                {
                    continue;
                }

                tokens[pair.Left] = (int)priority.Merge;
                tokens[pair.Right] = -1;
                var after = next[pair.Left] = next[pair.Right];
                if (after < count)
                {
                    previous[after] = pair.Left;
                    Offer(heap, tokens, pair.Left, after);
                }

                if (previous[pair.Left] is >= 0 and var before)
                {
                    Offer(heap, tokens, before, pair.Left);
                }
            }

            var left = 0;
            for (var i = 0; i < count; i = next[i])
            {
                tokens[left++] = tokens[i];
            }

            return left;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(links);
        }
    }

    private void Offer(PriorityQueue<Pair, (long Merge, int At)> heap, ReadOnlySpan<int> tokens, int left, int right)
    {
        var merge = merges.Find(tokens[left], tokens[right]);
        if (merge != MergeTable.None)
        {
            heap.Enqueue(new Pair(left, right, tokens[left], tokens[right]), (merge, left));
        }
    }

    private readonly record struct Pair(int Left, int Right, int LeftToken, int RightToken);
}
