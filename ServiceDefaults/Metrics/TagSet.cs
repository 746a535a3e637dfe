using System.Globalization;
using LlmdAspire.Protocols.Prometheus;

namespace LlmdAspire.ServiceDefaults.Metrics;

/// <summary>The tags of one series, and the same as labels. Two sets are equal when they hold the same tags in any order.</summary>
internal sealed class TagSet
{
    public TagSet(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Tags = tags.ToArray();
        Labels = ToLabels(tags);
    }

    public KeyValuePair<string, object?>[] Tags { get; }

    public MetricLabel[] Labels { get; }

    private static MetricLabel[] ToLabels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new List<MetricLabel>(tags.Length);
        foreach (var (key, value) in tags)
        {
            var name = MetricNames.ToLabelName(key);
            // "le" is the bucket's, and two tags may clean up to the same name; a label that stands twice makes the whole text unreadable.
            if (value is not null && name != "le" && !labels.Exists(label => label.Name == name))
            {
                labels.Add(new MetricLabel(name, ToText(value)));
            }
        }

        return [.. labels];
    }

    private static string ToText(object value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

/// <summary>Finds a <see cref="TagSet"/> by the tags of a measurement, without allocating.</summary>
internal sealed class TagSetComparer : IEqualityComparer<TagSet>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, TagSet>
{
    public bool Equals(TagSet? x, TagSet? y) => ReferenceEquals(x, y) || (x is not null && y is not null && Equals(x.Tags, y));

    public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, TagSet other)
    {
        if (alternate.Length != other.Tags.Length)
        {
            return false;
        }

        for (var i = 0; i < alternate.Length; i++)
        {
            // A call site nearly always names its tags in the same order.
            if (!Same(alternate[i], other.Tags[i]) && !Array.Exists(other.Tags, Matches(alternate[i])))
            {
                return false;
            }
        }

        return true;
    }

    public int GetHashCode(TagSet obj) => GetHashCode(obj.Tags);

    public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        // A sum, so that the order does not matter.
        var hash = alternate.Length;
        foreach (var (key, value) in alternate)
        {
            hash += HashCode.Combine(key, value);
        }

        return hash;
    }

    public TagSet Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => new(alternate);

    private static bool Same(KeyValuePair<string, object?> x, KeyValuePair<string, object?> y) => x.Key == y.Key && Equals(x.Value, y.Value);

    private static Predicate<KeyValuePair<string, object?>> Matches(KeyValuePair<string, object?> wanted) => tag => Same(wanted, tag);
}
