return await new LlmdAspire.KvIndexer.KvIndexerService().RunAsync(args);
