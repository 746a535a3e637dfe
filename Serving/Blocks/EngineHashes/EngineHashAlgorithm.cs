namespace LlmdAspire.Serving.Blocks.EngineHashes;

/// <summary>Values of vLLM's <c>--prefix-caching-hash-algo</c> that can be computed here. The <c>xxhash</c> ones need XXH3-128 and are not offered.</summary>
public enum EngineHashAlgorithm
{
    /// <summary><c>sha256</c>, vLLM's default: SHA-256 of a Python pickle of protocol 5.</summary>
    Sha256,

    /// <summary><c>sha256_cbor</c>: SHA-256 of canonical CBOR.</summary>
    Sha256Cbor,
}
