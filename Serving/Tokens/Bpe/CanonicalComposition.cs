using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>Unicode's normalisation form C over UTF-8. Pure.</summary>
/// <remarks>
/// <c>string.Normalize</c> leaves text as it is where the process runs with invariant globalisation, as all of ours do, and then a tokenizer that wants form C
/// would give other tokens without anybody noticing. The data is <c>CanonicalComposition.txt</c> beside this file.
/// </remarks>
internal static class CanonicalComposition
{
    private const int HangulFirst = 0xAC00, HangulLast = 0xD7A3, LeadFirst = 0x1100, VowelFirst = 0x1161, TailBase = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28;

    // Characters below U+0300 neither combine nor change; in UTF-8 all others have a byte from here on.
    private const byte FirstByteThatMatters = 0xCC;

    private static readonly Data s_data = Data.Load();

    /// <summary>The text in form C, or false when it has that form already (or is no UTF-8, which has no characters to compose).</summary>
    public static bool TryNormalize(ReadOnlySpan<byte> utf8, out byte[] normalized)
    {
        normalized = [];
        if (utf8.IndexOfAnyInRange(FirstByteThatMatters, (byte)0xFF) < 0 || !Utf8.IsValid(utf8) || !MayChange(utf8))
        {
            return false;
        }

        var characters = new List<int>(utf8.Length);
        foreach (var rune in Encoding.UTF8.GetString(utf8).EnumerateRunes())
        {
            Decompose(rune.Value, characters);
        }

        Order(CollectionsMarshal.AsSpan(characters));
        var text = new StringBuilder(characters.Count);
        foreach (var character in Compose(characters))
        {
            _ = text.Append(new Rune(character).ToString());
        }

        normalized = Encoding.UTF8.GetBytes(text.ToString());
        return true;
    }

    private static bool MayChange(ReadOnlySpan<byte> utf8)
    {
        while (!utf8.IsEmpty)
        {
            _ = Rune.DecodeFromUtf8(utf8, out var rune, out var length);
            if (s_data.Unstable.Contains(rune.Value))
            {
                return true;
            }

            utf8 = utf8[length..];
        }

        return false;
    }

    private static void Decompose(int character, List<int> into)
    {
        if (character is >= HangulFirst and <= HangulLast)
        {
            var index = character - HangulFirst;
            into.Add(LeadFirst + (index / (Vowels * Tails)));
            into.Add(VowelFirst + (index % (Vowels * Tails) / Tails));
            if (index % Tails is > 0 and var tail)
            {
                into.Add(TailBase + tail);
            }
        }
        else if (s_data.Parts.TryGetValue(character, out var parts))
        {
            Decompose(parts.First, into);
            if (parts.Second != 0)
            {
                Decompose(parts.Second, into);
            }
        }
        else
        {
            into.Add(character);
        }
    }

    // Marks behind one base stand in the order of their classes; equal ones keep theirs.
    private static void Order(Span<int> characters)
    {
        for (var i = 1; i < characters.Length; i++)
        {
            var (character, own) = (characters[i], ClassOf(characters[i]));
            var at = i;
            for (; own != 0 && at > 0 && ClassOf(characters[at - 1]) > own; at--)
            {
                characters[at] = characters[at - 1];
            }

            characters[at] = character;
        }
    }

    private static List<int> Compose(List<int> characters)
    {
        var composed = new List<int>(characters.Count);
        var starter = -1;
        var last = 0;
        foreach (var character in characters)
        {
            var own = ClassOf(character);
            // A mark reaches its base unless one of its class, or another base, stands between them.
            var blocked = starter >= 0 && starter < composed.Count - 1 && (last == 0 || last >= own);
            if (starter >= 0 && !blocked && Pair(composed[starter], character) is > 0 and var pair)
            {
                composed[starter] = pair;
                continue;
            }

            if (own == 0)
            {
                starter = composed.Count;
            }

            last = own;
            composed.Add(character);
        }

        return composed;
    }

    private static int Pair(int first, int second)
    {
        if (first is >= LeadFirst and < LeadFirst + Leads && second is >= VowelFirst and < VowelFirst + Vowels)
        {
            return HangulFirst + ((((first - LeadFirst) * Vowels) + (second - VowelFirst)) * Tails);
        }

        if (first is >= HangulFirst and <= HangulLast && (first - HangulFirst) % Tails == 0 && second is > TailBase and < TailBase + Tails)
        {
            return first + (second - TailBase);
        }

        return s_data.Composed.GetValueOrDefault((first, second));
    }

    private static byte ClassOf(int character) => s_data.Classes.GetValueOrDefault(character);

    private sealed class Data
    {
        public Dictionary<int, (int First, int Second)> Parts { get; } = [];

        public Dictionary<(int First, int Second), int> Composed { get; } = [];

        public Dictionary<int, byte> Classes { get; } = [];

        /// <summary>Characters that change, or may change or be changed by what stands before them.</summary>
        public HashSet<int> Unstable { get; } = [];

        public static Data Load()
        {
            var data = new Data();
            using var stream = typeof(CanonicalComposition).Assembly.GetManifestResourceStream("CanonicalComposition.txt")!;
            using var reader = new StreamReader(stream);
            while (reader.ReadLine() is { } line)
            {
                if (!line.StartsWith('#'))
                {
                    data.Add(line);
                }
            }

            for (var jamo = VowelFirst; jamo < TailBase + Tails; jamo++)
            {
                _ = data.Unstable.Add(jamo);
            }

            return data;
        }

        private void Add(string line)
        {
            if (line.IndexOf('=') is > 0 and var equals)
            {
                var dash = line.IndexOf('-');
                for (var character = Hex(line[..dash]); character <= Hex(line[(dash + 1)..equals]); character++)
                {
                    Classes[character] = byte.Parse(line[(equals + 1)..], CultureInfo.InvariantCulture);
                    _ = Unstable.Add(character);
                }

                return;
            }

            var isDecomposedForGood = line[0] == '-';
            var numbers = line.TrimStart('-').Split(' ').Select(Hex).ToArray();
            var parts = (First: numbers[1], Second: numbers.Length > 2 ? numbers[2] : 0);
            Parts[numbers[0]] = parts;
            if (isDecomposedForGood)
            {
                _ = Unstable.Add(numbers[0]);
            }
            else
            {
                Composed[parts] = numbers[0];
                _ = Unstable.Add(parts.Second);
            }
        }

        private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
