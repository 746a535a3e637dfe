namespace LlmdAspire.EngineModel.Transfer;

/// <summary>KV content of a prompt's beginning that another engine has computed and this one copies instead of computing it.</summary>
/// <param name="Tokens">Prompt tokens it covers.</param>
/// <param name="Ended">Called once, when the content was copied or the sequence ended before: the other engine may forget it. Runs under the engine's lock: be quick, do not call the engine.</param>
public sealed record KvImport(int Tokens, Action Ended);
