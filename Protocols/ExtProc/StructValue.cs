namespace LlmdAspire.Protocols.ExtProc;

/// <summary>What a <see cref="StructValue"/> holds.</summary>
public enum StructKind
{
    Null,
    Number,
    Text,
    Flag,
    Fields,
    Items,
}

/// <summary>A google.protobuf.Value, the JSON-like values of Envoy's metadata; of kind <see cref="StructKind.Fields"/> it is also a google.protobuf.Struct.</summary>
public sealed class StructValue
{
    public static readonly StructValue Null = new() { Kind = StructKind.Null };

    private StructValue()
    {
    }

    public StructKind Kind { get; private init; }

    public double Number { get; private init; }

    public bool Flag { get; private init; }

    /// <summary>The text, or null when this is something else.</summary>
    public string? Text { get; private init; }

    /// <summary>The fields, in the order of the wire; empty when this is something else.</summary>
    public IReadOnlyList<KeyValuePair<string, StructValue>> Fields { get; private init; } = [];

    /// <summary>The items of a list; empty when this is something else.</summary>
    public IReadOnlyList<StructValue> Items { get; private init; } = [];

    /// <summary>The field of a name (the last, as protobuf's maps have it), or null.</summary>
    public StructValue? this[string name]
    {
        get
        {
            for (var i = Fields.Count - 1; i >= 0; i--)
            {
                if (Fields[i].Key.Equals(name, StringComparison.Ordinal))
                {
                    return Fields[i].Value;
                }
            }

            return null;
        }
    }

    public static StructValue Of(double number) => new() { Kind = StructKind.Number, Number = number };

    public static StructValue Of(string text) => new() { Kind = StructKind.Text, Text = text };

    public static StructValue Of(bool flag) => new() { Kind = StructKind.Flag, Flag = flag };

    public static StructValue OfItems(IReadOnlyList<StructValue> items) => new() { Kind = StructKind.Items, Items = items };

    public static StructValue OfFields(IReadOnlyList<KeyValuePair<string, StructValue>> fields) => new() { Kind = StructKind.Fields, Fields = fields };

    /// <summary>A struct of one field, as Envoy's metadata has one per namespace.</summary>
    public static StructValue OfField(string name, StructValue value) => OfFields([new(name, value)]);
}
