using LlmdAspire.Tests.Shared;

namespace LlmdAspire.ServiceDefaults.Tests.Tiny;

/// <summary>Starts the tiny service as a process on a free port.</summary>
internal static class TinyProcess
{
    public static ChildProgram Start(params string[] args) => ChildProgram.Start(typeof(TinyService).Assembly, [TinyFlags.ProgramName, .. args]);
}
