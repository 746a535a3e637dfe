using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace LlmdAspire.Hosting.Embedded.Publishing.Yaml;

/// <summary>Writes floating-point numbers in decimal notation with at least one decimal, past all other emitters.</summary>
internal sealed class ShortFloats(IEventEmitter next) : ChainedEventEmitter(next)
{
    private const string Format = "0.0######################";

    public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
    {
        if (eventInfo.Source.Value is double or float)
        {
            emitter.Emit(new Scalar(((IFormattable)eventInfo.Source.Value).ToString(Format, CultureInfo.InvariantCulture)));
        }
        else
        {
            base.Emit(eventInfo, emitter);
        }
    }
}
