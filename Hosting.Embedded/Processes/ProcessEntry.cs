namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>One running process as the system sees it.</summary>
/// <param name="Id">Its process id, which the system gives to somebody else some time after it ended.</param>
/// <param name="ParentId">The process that started it, or the one it was handed to when that one ended.</param>
/// <param name="Started">When it started, in the system's own spelling: together with the id it means this process and no later one.</param>
internal readonly record struct ProcessEntry(int Id, int ParentId, string Started)
{
    /// <summary>Whether this and <paramref name="other"/> are the same process; its parent may have changed.</summary>
    public bool IsSame(ProcessEntry other) => Id == other.Id && Started == other.Started;
}
