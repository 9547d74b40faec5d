"""Reads Message. Writes Reply: the language models and the embedder, behind two protocols.

`engine` runs llama.cpp in a child process, `client` talks with any OpenAI-compatible server, `scripted` answers by
rule, `embedding` maps texts to vectors, `prompts` are files. Each module is imported by itself, so that nobody pays
for what they do not use.
"""
