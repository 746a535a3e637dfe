using System.Runtime.InteropServices;

namespace LlmdAspire.Hosting.Embedded.Processes;

public sealed class AspireCliTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public AspireCliTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "the packages' names differ per system; these are Linux's");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Find_ThePathVariable_IsTakenAsItIs() =>
        Assert.Equal("/no/such/aspire", Find(("ASPIRE_CLI_PATH", "/no/such/aspire")));

    [Fact]
    public void Find_AnEmptyPathVariable_IsNone()
    {
        var program = Make("tools/aspire");

        Assert.Null(Find(("ASPIRE_CLI_PATH", ""), ("PATH", Path.GetDirectoryName(program)!)));
    }

    [Fact]
    public void Find_OnPath()
    {
        var program = Make("tools/aspire");

        Assert.Equal(program, Find(("PATH", Path.GetDirectoryName(program)!)));
    }

    [Theory]
    [InlineData("repo/AppHost/node_modules")]
    [InlineData("repo/node_modules")]
    [InlineData("node_modules")]
    [InlineData("node_modules/@microsoft/aspire-cli/node_modules")]
    public void Find_InNodeModulesBesideOrAboveTheAppHost(string modules)
    {
        var program = Make($"{modules}/{Package}/bin/aspire");

        Assert.Equal(program, Find());
    }

    [Fact]
    public void Find_AmongGlobalPackages_OfThePrefixOrOfTheNodeInUse()
    {
        var node = Make("opt/node/bin/node");
        var program = Make($"opt/node/lib/node_modules/{Package}/bin/aspire");

        Assert.Equal(program, Find(("NPM_CONFIG_PREFIX", Path.Combine(_folder.FullName, "opt/node"))));
        Assert.Equal(program, Find(("PATH", Path.GetDirectoryName(node)!)));
    }

    [Fact]
    public void Find_WhereTheInstallScriptPutIt()
    {
        var program = Make(".aspire/bin/aspire");

        Assert.Equal(program, Find(("HOME", _folder.FullName)));
    }

    [Fact]
    public void HowToGet_NamesThePackageOfThisMachine() => Assert.Contains($"npm install {Package},", AspireCli.HowToGet);

    private static string Package => $"@microsoft/aspire-cli-linux-{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";

    private string? Find(params (string Name, string Value)[] settings) =>
        AspireCli.Find(Path.Combine(_folder.FullName, "repo", "AppHost"), name => settings.FirstOrDefault(setting => setting.Name == name).Value);

    private string Make(string path)
    {
        var full = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        Shell.MakeProgram(full, "");
        return full;
    }
}
