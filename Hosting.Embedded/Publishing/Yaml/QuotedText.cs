using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace LlmdAspire.Hosting.Embedded.Publishing.Yaml;

/// <summary>Puts every text that is a value between double quotes, so that nobody reads <c>"8000"</c> or <c>"yes"</c> as something else; keys stay bare.</summary>
/// <remarks>
/// Keys and values are told apart by counting. What passes by this emitter uncounted, as floating-point numbers do (<see cref="ShortFloats"/>), turns the two
/// round for the rest of the mapping: from there on keys are quoted and values are not. Real Aspire does the same, and charts must come out alike.
/// </remarks>
internal sealed class QuotedText(IEventEmitter next) : ChainedEventEmitter(next)
{
    private readonly Stack<Collection> _open = new();

    public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
    {
        var isValue = Count();
        if (isValue && eventInfo.Source.Type == typeof(string))
        {
            // A reference that is rendered as a number has to reach the API server as one.
            var isNumber = eventInfo.Source.Value is string text && HelmExpression.IsNumber(text);
            eventInfo = new ScalarEventInfo(eventInfo.Source) { Style = isNumber ? ScalarStyle.ForcePlain : ScalarStyle.DoubleQuoted };
        }

        base.Emit(eventInfo, emitter);
    }

    public override void Emit(MappingStartEventInfo eventInfo, IEmitter emitter)
    {
        Open(isMapping: true);
        base.Emit(eventInfo, emitter);
    }

    public override void Emit(SequenceStartEventInfo eventInfo, IEmitter emitter)
    {
        Open(isMapping: false);
        base.Emit(eventInfo, emitter);
    }

    public override void Emit(MappingEndEventInfo eventInfo, IEmitter emitter)
    {
        _open.Pop();
        base.Emit(eventInfo, emitter);
    }

    public override void Emit(SequenceEndEventInfo eventInfo, IEmitter emitter)
    {
        _open.Pop();
        base.Emit(eventInfo, emitter);
    }

    private void Open(bool isMapping)
    {
        Count();
        _open.Push(new Collection(isMapping));
    }

    /// <summary>Counts one more child of the collection that is open.</summary>
    /// <returns>Whether it is a value: an item, or the second of a pair.</returns>
    private bool Count() => _open.TryPeek(out var collection) && collection.CountChild();

    private sealed class Collection(bool isMapping)
    {
        private int _children;

        public bool CountChild() => ++_children % 2 == 0 || !isMapping;
    }
}
