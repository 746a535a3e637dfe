using LlmdAspire.EngineModel.Text;

namespace LlmdAspire.Simulator.Embeddings;

/// <summary>A vector of length 1 for a text: a function of model and tokens alone, without any meaning.</summary>
internal static class EmbeddingVector
{
    public static float[] Of(long seed, string model, IReadOnlyList<int> tokens, int dimensions)
    {
        var state = TextKey.Of(seed, model, tokens, requestSeed: null, choice: 0);
        var vector = new float[dimensions];
        var squares = 0.0;
        for (var i = 0; i < dimensions; i++)
        {
            state = TextKey.Mix(state);
            vector[i] = (float)((state >> 11) / (double)(1L << 53) * 2 - 1);
            squares += vector[i] * vector[i];
        }

        var length = squares > 0 ? (float)Math.Sqrt(squares) : 1;
        for (var i = 0; i < dimensions; i++)
        {
            vector[i] /= length;
        }

        return vector;
    }
}
