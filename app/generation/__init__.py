"""From a request to pictures: prompt, plan, conditioning, denoising, saving."""
