namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>A folder for PATH with a container runtime of shell: it records what it is told and keeps a "container" running as a process that outlives its client.</summary>
internal sealed class FakeRuntime : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public FakeRuntime(string name = "docker", bool answers = true)
    {
        Name = name;
        Program = Path.Combine(_folder.FullName, name);
        Shell.MakeProgram(Program, $"""
            #!/bin/sh
            cd '{_folder.FullName}'
            echo "$@" >> calls
            case $1 in
              version) exit {(answers ? 0 : 1)} ;;
              run) echo "token $TOKEN"; env -u {ProcessMarker.Variable} setsid sleep 600 & echo $! > container; echo "pid $!"; echo ready; trap '' TERM; while :; do wait; done ;;
              rm) kill -9 "$(cat container)" ;;
            esac
            """);
    }

    public string Name { get; }

    public string Program { get; }

    public string Folder => _folder.FullName;

    public IEnumerable<string> Calls => File.Exists(Path.Combine(Folder, "calls")) ? File.ReadAllLines(Path.Combine(Folder, "calls")) : [];

    public void Dispose() => _folder.Delete(recursive: true);
}
