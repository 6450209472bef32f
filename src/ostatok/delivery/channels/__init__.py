"""Ways to reach somebody. A channel is a folder; deleting the folder deletes the channel."""
