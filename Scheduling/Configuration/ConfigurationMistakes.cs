using YamlDotNet.RepresentationModel;

namespace LlmdAspire.Scheduling.Configuration;

/// <summary>Collects what is wrong with a configuration, so that all of it is told at once.</summary>
internal sealed class ConfigurationMistakes
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Add(string line)
    {
        if (!_lines.Contains(line))
        {
            _lines.Add(line);
        }
    }

    public void Add(YamlNode at, string line) => Add($"line {at.Start.Line}: {line}");
}
