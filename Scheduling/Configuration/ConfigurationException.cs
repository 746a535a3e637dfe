namespace LlmdAspire.Scheduling.Configuration;

/// <summary>An EndpointPickerConfig was refused; one line per mistake.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> mistakes) : Exception(string.Join('\n', mistakes))
{
    public IReadOnlyList<string> Mistakes { get; } = mistakes;
}
