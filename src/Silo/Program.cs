Console.WriteLine("artifactstore");
