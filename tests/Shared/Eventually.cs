using System.Runtime.CompilerServices;

namespace LlmdAspire.Tests.Shared;

/// <summary>Waits for a state that another thread or process brings about.</summary>
public static class Eventually
{
    /// <summary>The one timeout of all tests: far beyond what a loaded machine needs, so that only a real failure meets it.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns once the condition holds.</summary>
    /// <exception cref="TimeoutException">It never did; names the condition.</exception>
    public static Task TrueAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        TrueAsync(() => Task.FromResult(condition()), what);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string)"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        using var limit = new CancellationTokenSource(Timeout);
        while (!await condition())
        {
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"Not within {Timeout.TotalSeconds} s: {what}");
            }

            await Task.Delay(s_pause, CancellationToken.None);
        }
    }

    /// <summary>The result of a task that must end by itself.</summary>
    public static Task<T> DoneAsync<T>(Task<T> task) => task.WaitAsync(Timeout);

    /// <inheritdoc cref="DoneAsync{T}(Task{T})"/>
    public static Task DoneAsync(Task task) => task.WaitAsync(Timeout);
}
