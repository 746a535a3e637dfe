using static LlmdAspire.ServiceDefaults.Tests.CommandLine.FlagReading;

namespace LlmdAspire.ServiceDefaults.Tests.CommandLine;

public sealed class MistakeTests
{
    [Theory]
    [InlineData("--sise 3", "--sise is not an option; did you mean --size? --help lists the options.")]
    [InlineData("--quantum 3", "--quantum is not an option; --help lists the options.")]
    [InlineData("-x", "-x is not an option; --help lists the options.")]
    [InlineData("lonely", "'lonely' does not belong to an option; --help lists the options.")]
    [InlineData("--size", "--size needs a value; --help lists the options.")]
    [InlineData("--size --loud", "--size needs a value; --help lists the options.")]
    [InlineData("--size x", "--size is 'x'; it must be a whole number.")]
    [InlineData("--size ''", "--size is ''; it must be a whole number.")]
    [InlineData("--size 0", "--size is '0'; it must be at least 1.")]
    [InlineData("--size 99999999999", "--size is '99999999999'; it must be a whole number from -2147483648 to 2147483647.")]
    [InlineData("--ratio NaN", "--ratio is 'NaN'; it must be a number.")]
    [InlineData("--loud=maybe", "--loud is 'maybe'; it must be true or false.")]
    [InlineData("--color green", "--color is 'green'; it must be dark-red or blue.")]
    [InlineData("--window soon", "--window is 'soon'; it must be a duration such as 30s, 500ms or 2m.")]
    [InlineData("--port 70000", "--port is '70000'; it must be a port from 0 to 65535.")]
    [InlineData("--ranks 1 b", "--ranks is 'b'; it must be a whole number.")]
    [InlineData("--log-level loud", "--log-level is 'loud'; it must be debug, info, warning, error or critical.")]
    [InlineData("--otlp-endpoint here", "--otlp-endpoint is 'here'; it must be a URL such as http://127.0.0.1:4317.")]
    [InlineData("--size 9 --loud", "--loud goes with a --size of at most 5.")]
    [InlineData("--config nowhere.yaml", "--config names nowhere.yaml, which does not exist.")]
    public void Read_Mistake_IsOneLineWithTheRemedy(string commandLine, string expected) => Assert.Equal([expected], Mistakes(commandLine));

    [Fact]
    public void Read_AllMistakesAreTold()
    {
        var mistakes = Mistakes("--sise 3 --port x --size 0", ("LLMD_TINY_SERVICE_RATIO", "much"));

        Assert.Equal(
            [
                "--sise is not an option; did you mean --size? --help lists the options.",
                "--port is 'x'; it must be a whole number.",
                "--size is '0'; it must be at least 1.",
                "--ratio is 'much'; it must be a number (set by LLMD_TINY_SERVICE_RATIO).",
            ],
            mistakes);
    }

    [Theory]
    [InlineData(".yaml", "size: x", "--size is 'x'; it must be a whole number (set by FILE).")]
    [InlineData(".yaml", "sise: 3", "FILE holds 'sise', which is not an option; did you mean size?")]
    [InlineData(".json", "{\"quantum\": 3}", "FILE holds 'quantum', which is not an option; --help lists the options.")]
    [InlineData(".yaml", "size: [1, 2]", "FILE gives size a list; it takes one value.")]
    [InlineData(".yaml", "config: other.yaml", "FILE holds 'config'; a configuration file cannot name another one.")]
    [InlineData(".yaml", "just text", "FILE is not valid YAML: the top level must map flag names to values.")]
    [InlineData(".json", "[1]", "FILE is not valid JSON: the top level must map flag names to values.")]
    public void Read_MistakeInTheFile_NamesFileAndKey(string extension, string text, string expected)
    {
        using var file = new TemporaryFile(extension, text);

        Assert.Equal([expected.Replace("FILE", file.Path, StringComparison.Ordinal)], Mistakes($"--config {file.Path}"));
    }

    [Theory]
    [InlineData(".json", "{\"size\": ")]
    [InlineData(".yaml", "size: [1")]
    [InlineData(".yaml", "a: 1\na: 2")]
    public void Read_BrokenFile_IsOneLine(string extension, string text)
    {
        using var file = new TemporaryFile(extension, text);

        var mistake = Assert.Single(Mistakes($"--config {file.Path}"));

        Assert.StartsWith($"{file.Path} is not valid ", mistake, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', mistake);
    }

    [Theory]
    [InlineData("ASPNETCORE_URLS", "nonsense", "ASPNETCORE_URLS is 'nonsense'; it must be an address such as http://localhost:5000.")]
    [InlineData("HTTP_PORTS", "x", "HTTP_PORTS is 'x'; it must be a port from 0 to 65535.")]
    public void Read_WrongAspNetVariable_IsNamed(string name, string value, string expected) => Assert.Equal([expected], Mistakes("", (name, value)));
}
